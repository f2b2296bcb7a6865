/** Who saw what, and who may see video as it was taken: one asks, another lets them, and everybody concerned is told. */

import { useState } from "preact/hooks";
import { get, post, ROOT } from "../api";
import { words } from "../desk";
import { announce, useData, useZone } from "../hooks";
import { Loading, Problem, Scroll } from "../parts";
import { Page } from "../shell";
import { count, time } from "../words";
import { figuresOf, figureWords } from "./public";

interface Asked {
  id: string;
  state: "asked" | "open" | "over";
  asked_by: string;
  role: string;
  camera: string;
  from_ns: number;
  to_ns: number;
  minutes: number;
  reason: string;
  asked_ns: number;
  approved_by: string | null;
  approver_role: string | null;
  until_ns: number | null;
  may_approve: boolean;
  /** Why the one who reads this may not let them; "": nothing is in the way. */
  hinders: string;
  may_look: boolean;
}

interface Requests {
  cameras: string[];
  may_ask: boolean;
  items: Asked[];
}

const PATH = "/break-glass";
const SLICE_MS = 600_000;

export default function PrivacyPage() {
  const zone = useZone();
  const data = useData<Requests>(PATH, 10_000);
  const report = useData<{ privacy?: unknown }>("/public/disclosure");
  const [error, setError] = useState("");
  const [seen, setSeen] = useState("");
  const found = data.value;
  if (!found) return <Page title="Privacy">{data.error ? <Problem error={data.error} retry={() => void data.reload()} /> : <Loading what="what was asked" />}</Page>;
  const run = async (act: () => Promise<unknown>, done: string) => {
    setError("");
    try {
      await act();
      announce(done);
      await data.reload();
    } catch (problem) {
      setError(words(problem));
    }
  };
  const wait = found.items.filter((one) => one.state === "asked").length;
  const open = found.items.filter((one) => one.state === "open").length;
  const title = open ? `${count(open, "request for", "requests for")} unfilled video ${open === 1 ? "is" : "are"} open.` : wait ? `${count(wait, "request waits", "requests wait")} for a second person.` : "Nobody can see unfilled video now.";
  const ask = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const given = new FormData(form);
    const at = new Date(String(given.get("at"))).getTime();
    const seconds = Number(given.get("seconds"));
    void run(async () => {
      await post(PATH, { camera: given.get("camera"), from_ns: at * 1_000_000, seconds, minutes: Number(given.get("minutes")), reason: given.get("reason") });
      form.reset();
    }, "Asked. Another person has to let you, within an hour.");
  };
  return (
    <Page title={title} more="Video as it was taken is seen by nobody, unless two people break the glass: one asks with a reason, another lets them, for minutes. Everybody who was inside is told on their receipt's page, and it is counted in public.">
      {error && (
        <p class="wrong" role="alert">
          {error}
        </p>
      )}
      <ul class="rows glass">
        {found.items.map((one) => (
          <li key={one.id}>
            <span class="number quiet">{time(one.asked_ns, zone)}</span>
            <span class="what">
              {one.reason}{" "}
              <span class="quiet">
                {one.camera}, {time(one.from_ns, zone)} to {time(one.to_ns, zone)}, for {one.minutes} min; asked by {one.asked_by} ({one.role})
                {one.approved_by && `, let by ${one.approved_by} (${one.approver_role})`}
              </span>
            </span>
            {one.hinders && <span class="what quiet">You cannot let them: {one.hinders}.</span>}
            <span class={one.state === "over" ? "quiet" : "unsure"}>{one.state === "open" ? `open until ${time(one.until_ns!, zone)}` : one.state === "asked" ? "waits" : "over"}</span>
            <span class="tools">
              {one.may_approve && (
                <button type="button" onClick={() => void run(() => post(`${PATH}/${one.id}/approve`, {}), "Let.")}>
                  Let them look
                </button>
              )}
              {one.may_look && (
                <button type="button" onClick={() => setSeen(one.id)}>
                  Look
                </button>
              )}
              {one.state !== "over" && (
                <button type="button" onClick={() => void run(() => post(`${PATH}/${one.id}/end`, {}), "Ended.")}>
                  End it
                </button>
              )}
            </span>
          </li>
        ))}
      </ul>
      {found.items.some((one) => one.id === seen && one.may_look) && (
        <video class="unfilled" controls disablePictureInPicture controlsList="nodownload" src={`${ROOT}${PATH}/${seen}/video`} onError={() => void get(`${PATH}/${seen}/video`).catch((problem) => setError(words(problem)))} />
      )}
      {found.may_ask && found.cameras.length > 0 && (
        <form class="glass" onSubmit={ask}>
          <h2>Ask to see unfilled video</h2>
          <p class="tools">
            <label>
              Camera{" "}
              <select name="camera">
                {found.cameras.map((one) => (
                  <option key={one}>{one}</option>
                ))}
              </select>
            </label>
            <label>
              from, by this computer's clock, <input name="at" type="datetime-local" step="1" required defaultValue={local(Math.floor(Date.now() / SLICE_MS) * SLICE_MS)} />
            </label>
            <label>
              for <input name="seconds" type="number" min="1" max="600" defaultValue="60" required /> s, inside of ten minutes by the clock
            </label>
            <label>
              seen during <input name="minutes" type="number" min="1" max="30" defaultValue="5" required /> min
            </label>
          </p>
          <p class="tools">
            <label class="grow">
              Why; it stands in the public log for ever, so name nobody <input name="reason" minLength={10} maxLength={200} required />
            </label>
            <button type="submit">Ask</button>
          </p>
        </form>
      )}
      <h2>This month, as the public sees it</h2>
      <Scroll label="Privacy">
        <table class="report">
          <tbody>
            {figuresOf(report.value?.privacy).map((one) => (
              <tr key={one.name}>
                <td class="wrap">{one.figure.words ?? one.name}</td>
                <td class="number wrap">{figureWords(one.figure)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Page>
  );
}

/** An instant as the field for date and time wants it, in the browser's own zone. */
function local(ms: number): string {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
