/** Who needs me now? */

import { useState } from "preact/hooks";
import { ApiError, post } from "../api";
import { announce, useData } from "../hooks";
import { useKeys } from "../keys";
import { Empty, Loading, Problem } from "../parts";
import { Page } from "../shell";
import type { Waiting } from "../types";
import { count, sentence, whole } from "../words";

const KIND: Record<Waiting["kind"], string> = { entry: "At the entry", age: "Age check", help: "Asks for help" };
const REASONS = ["The payment did not go through", "Too many people inside", "No proof of age", "The shop is closing"];

export function DoorPage() {
  const door = useData<{ waiting: Waiting[]; inside?: string[] }>("/door", 2000);
  const screens = useData<{ items: { gate: string; link: string }[] }>("/exit-screens");
  const [error, setError] = useState("");
  const [at, setAt] = useState<string | null>(null);
  const [refusing, setRefusing] = useState<string | null>(null);
  const [joining, setJoining] = useState<string | null>(null);
  const waiting = door.value?.waiting ?? [];
  const current = waiting.find((w) => w.id === at) ?? waiting[0];
  const inside = door.value?.inside ?? [];
  const decide = async (one: Waiting, action: string, reason = "", visit: string | null = null) => {
    setError("");
    try {
      await post(`/door/${encodeURIComponent(one.id)}`, visit === null ? { action, reason } : { action, reason, visit });
      announce(`Done: ${action}`);
      setRefusing(null);
      setJoining(null);
    } catch (problem) {
      setError(problem instanceof ApiError ? `${problem.title}. ${problem.detail}` : String(problem));
    }
    await door.reload();
  };
  const yes = (one: Waiting) => (one.kind === "entry" ? "admit" : "approve");
  useKeys([
    { key: "a", does: "admit or approve the first", run: () => current && void decide(current, yes(current)) },
    { key: "r", does: "refuse the first, with a reason", run: () => current && setRefusing(current.id) },
    {
      key: "j",
      does: "next who waits",
      run: () => {
        const k = waiting.findIndex((w) => w.id === current?.id);
        setAt(waiting[(k + 1) % Math.max(1, waiting.length)]?.id ?? null);
      },
    },
  ]);
  const title = !door.value ? "Door" : waiting.length ? `${count(waiting.length, "person needs", "people need")} you.` : "Nobody needs you.";
  return (
    <Page title={title} tone={waiting.length ? "unsure" : ""}>
      {door.error && <Problem error={door.error} retry={() => void door.reload()} />}
      {!door.value && door.loading && <Loading what="the door" />}
      {error && (
        <p class="wrong" role="alert">
          {error}
        </p>
      )}
      {door.value && !waiting.length && (
        <Empty>Whoever cannot come in alone, buys something with an age limit, or asks for help stands here.</Empty>
      )}
      <ol class="waiting">
        {waiting.map((one) => (
          <li key={one.id} class={one.id === current?.id ? "current" : ""}>
            <p>
              <b>{KIND[one.kind]}</b> <span class="quiet number">for {whole((Date.now() - one.since_ns / 1e6) / 1000)}</span>
            </p>
            <p class="big">{sentence(one.words)}</p>
            {one.reason && <p class="quiet">{one.reason}</p>}
            {refusing === one.id ? (
              <div class="tools" role="group" aria-label="Why not? The shopper sees it.">
                <span class="quiet">Why not? The shopper sees it.</span>
                {REASONS.map((reason) => (
                  <button type="button" key={reason} onClick={() => void decide(one, "refuse", reason)}>
                    {reason}
                  </button>
                ))}
                <button type="button" class="plain" onClick={() => setRefusing(null)}>
                  Back
                </button>
              </div>
            ) : joining === one.id ? (
              <div class="tools" role="group" aria-label="Whose party? They pay for both.">
                <span class="quiet">Whose party? They pay for both.</span>
                {inside.map((visit) => (
                  <button type="button" key={visit} onClick={() => void decide(one, "join", "", visit)}>
                    {visit}
                  </button>
                ))}
                <button type="button" class="plain" onClick={() => setJoining(null)}>
                  Back
                </button>
              </div>
            ) : (
              <div class="tools">
                <button type="button" class="main" onClick={() => void decide(one, yes(one))}>
                  {one.kind === "entry" ? "Admit" : one.kind === "age" ? "Approve" : "I helped"}
                </button>
                {one.kind === "entry" && (
                  <button type="button" onClick={() => void decide(one, "cash")}>
                    Pays in cash
                  </button>
                )}
                {one.kind === "entry" && inside.length > 0 && (
                  <button type="button" onClick={() => setJoining(one.id)}>
                    Joins a party…
                  </button>
                )}
                <button type="button" onClick={() => setRefusing(one.id)}>
                  Refuse…
                </button>
              </div>
            )}
          </li>
        ))}
      </ol>
      {(screens.value?.items.length ?? 0) > 0 && (
        <p class="quiet">
          Screens for those who pay at the exit, to be opened there:{" "}
          {screens.value!.items.map((one) => (
            <a key={one.gate} href={new URL(one.link).pathname} target="_blank" rel="noreferrer">
              {one.gate}
            </a>
          ))}
        </p>
      )}
    </Page>
  );
}
