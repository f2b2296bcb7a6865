/** What is broken, and what do I do? */

import { useData, useTick } from "../hooks";
import { connection } from "../live";
import { Loading, Problem, Scroll } from "../parts";
import { Page } from "../shell";
import type { Device, Health } from "../types";
import { deviceName } from "../verdict";
import { bytes, count, duration, grams, whole } from "../words";

const STATE: Record<Device["state"], string> = { ok: "well", late: "late", silent: "silent", dead: "gone" };
const ORDER = ["dead", "silent", "late", "ok"];

export function HealthPage() {
  const health = useData<Health>("/health", 2000);
  useTick(1000);
  const now_ms = connection.now();
  const devices = [...(health.value?.devices ?? [])].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  const bad = devices.filter((d) => d.state !== "ok");
  const title = !health.value ? "Health" : bad.length ? `${count(bad.length, "device needs", "devices need")} you.` : "Everything is heard from.";
  const worst = bad.some((d) => d.state !== "late") ? "wrong" : bad.length ? "unsure" : "";
  return (
    <Page title={title} tone={worst} wide>
      {health.error && <Problem error={health.error} retry={() => void health.reload()} />}
      {!health.value && health.loading && <Loading what="the devices" />}
      {health.value && (
        <>
          {health.value.degraded.length > 0 && (
            <ul class="degraded">
              {health.value.degraded.map((one, k) => (
                <li key={k}>{typeof one === "string" ? one : one.what}</li>
              ))}
            </ul>
          )}
          <Scroll label="Devices">
            <table>
              <thead>
                <tr>
                  <th>Device</th>
                  <th>State</th>
                  <th>What to do</th>
                  <th class="right">Last heard</th>
                  <th class="right">Noise</th>
                  <th class="right">Drift</th>
                  <th class="right">Gaps</th>
                  <th class="right">Clock</th>
                </tr>
              </thead>
              <tbody>
                {devices.map((device) => (
                  <tr key={device.id} class={device.state}>
                    <td>{deviceName(device)}</td>
                    <td class="device-state">{STATE[device.state]}</td>
                    <td class="wrap">{device.advice || device.detail || <span class="quiet">nothing</span>}</td>
                    <td class="number right">{device.last_ns ? `${whole((now_ms - device.last_ns / 1e6) / 1000)} ago` : "never"}</td>
                    <td class="number right">{device.noise_g == null ? "" : grams(device.noise_g)}</td>
                    <td class="number right">{device.drift == null ? "" : grams(device.drift, true)}</td>
                    <td class="number right">{device.gaps ?? ""}</td>
                    <td class="number right">{device.skew_ms == null ? "" : `${device.skew_ms.toFixed(0)} ms`}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
          <h2>The software</h2>
          <dl class="facts">
            <div>
              <dt>Behind the sensors by</dt>
              <dd>{health.value.engine.lag_ms === null ? "nothing heard yet" : duration(health.value.engine.lag_ms / 1000)}</dd>
            </div>
            <div>
              <dt>Journal</dt>
              <dd>{bytes(health.value.engine.journal_bytes)}</dd>
            </div>
            <div>
              <dt>Last snapshot</dt>
              <dd>
                {health.value.engine.snapshot_age_s === null ? "none yet" : `${whole(health.value.engine.snapshot_age_s)} ago`}
              </dd>
            </div>
          </dl>
          <p class="quiet">
            It waits for the slowest sensor before it explains anything: what it is behind by is mostly that. Faults lower how
            sure a receipt is; they never add a line to it.
          </p>
        </>
      )}
    </Page>
  );
}
