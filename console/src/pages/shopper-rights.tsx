/** What a shopper may do about their visit without asking anybody: mail, help, who looked, the proof, a copy, erasure. */

import { useState } from "preact/hooks";
import { ApiError, call, get, post, ROOT } from "../api";
import { announce, useData } from "../hooks";
import { checked, type Found, type Paper } from "../proof";
import type { ShopperPage } from "../types";
import { count, day, time } from "../words";

interface Look {
  t_ns: number;
  kind: string;
  what: string | null;
  why: string | null;
}

const WHAT: Record<string, string> = { question: "a question about this visit", clip: "a clip", export: "a copy", raw: "unfilled video" };
const said = (problem: unknown) => (problem instanceof ApiError ? `${problem.title}. ${problem.detail}` : String(problem));

interface Of {
  path: string;
  page: ShopperPage;
  zone: string;
  done: () => Promise<void>;
}

/** What one asked for, while it runs and where it failed. */
function useAct(): [string, boolean, (act: () => Promise<unknown>) => Promise<void>] {
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const run = async (act: () => Promise<unknown>) => {
    setBusy(true);
    setError("");
    try {
      await act();
    } catch (problem) {
      setError(said(problem));
    }
    setBusy(false);
  };
  return [error, busy, run];
}

const Wrong = ({ words }: { words: string }) =>
  words ? (
    <p class="wrong" role="alert">
      {words}
    </p>
  ) : null;

/** Somebody of the staff should come; only while one is inside. */
export function Help({ path }: { path: string }) {
  const [error, busy, run] = useAct();
  const [called, setCalled] = useState(false);
  const come = () =>
    run(async () => {
      await post(`${path}/help`, { words: "" });
      setCalled(true);
      announce("Somebody was called.");
    });
  return (
    <div class="missed">
      {called ? (
        <p class="noted" role="status">
          Somebody was called and comes to you.
        </p>
      ) : (
        <button type="button" disabled={busy} onClick={() => void come()}>
          Call somebody
        </button>
      )}
      <Wrong words={error} />
    </div>
  );
}

/** Where the receipt goes by e-mail; nothing where the shop sends none. */
export function Mail({ path, page, zone, done }: Of) {
  const [error, busy, run] = useAct();
  const mail = page.mail;
  if (!mail?.offered) return null;
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    const address = String(new FormData(event.currentTarget as HTMLFormElement).get("address") ?? "").trim();
    void run(async () => {
      await post(`${path}/mail`, { address });
      announce("Noted.");
      await done();
    });
  };
  const forget = () =>
    run(async () => {
      await call("DELETE", `${path}/mail`);
      await done();
    });
  const sent = mail.letters.filter((one) => one.sent_ns !== null);
  return (
    <section>
      <h2>By e-mail</h2>
      {mail.address ? (
        <p>
          Receipts of this visit go to {mail.address}, and the address is kept no longer than they need.{" "}
          {sent.length > 0 && `Last sent at ${time(sent[sent.length - 1]!.sent_ns!, zone)}. `}
          <button type="button" class="plain" disabled={busy} onClick={() => void forget()}>
            Forget the address
          </button>
        </p>
      ) : (
        <form class="inline" onSubmit={send}>
          <label class="grow">
            Send the receipt to <input name="address" type="email" required autocomplete="email" />
          </label>
          <button type="submit" disabled={busy}>
            E-mail it
          </button>
        </form>
      )}
      <Wrong words={error} />
    </section>
  );
}

/** Who looked, as the shop's log says it; and whether the log proves it, worked out on this device. */
export function Looks({ path, page, zone }: Of) {
  const looks = useData<{ items: Look[]; proven: boolean }>(`${path}/looks`);
  const [error, busy, run] = useAct();
  const [found, setFound] = useState<Found | null>(null);
  const check = () =>
    run(async () => {
      const [paper, point] = await Promise.all([
        get<Paper>(`${path}/proof`),
        get<{ head: { key: string } }>("/public/checkpoint").catch(() => null),
      ]);
      const one = await checked(paper, page.human.clips ?? 0, point?.head.key ?? "");
      setFound(one);
      announce(one.wrong.length ? "Something does not fit." : "It holds.");
    });
  const items = looks.value?.items ?? [];
  return (
    <section>
      <h2>Who looked</h2>
      {looks.error && <p class="unsure">The log could not be read just now.</p>}
      {looks.value && items.length === 0 && <p>Nobody has looked at anything of this visit, says the shop's log.</p>}
      {items.length > 0 && (
        <ul class="rows">
          {items.map((one, k) => (
            <li key={k}>
              <span class="number quiet">
                {day(one.t_ns, zone)}, {time(one.t_ns, zone)}
              </span>
              <span class="what">
                {WHAT[one.what ?? ""] ?? one.what ?? one.kind}
                {one.why ? (one.what === "raw" ? `, by two people: ${one.why}` : `, to ${one.why}`) : ""}
              </span>
            </li>
          ))}
        </ul>
      )}
      <p class="tools">
        <button type="button" disabled={busy} onClick={() => void check()}>
          Check that I was counted
        </button>
        <a class="button" href={`${ROOT}${path}/proof`} download="my-proof.json">
          Keep the proof
        </a>
      </p>
      {found && <Proven found={found} />}
      <Wrong words={error} />
    </section>
  );
}

/** What the check found, in a sentence. */
export function Proven({ found }: { found: Found }) {
  if (found.wrong.length) {
    return (
      <div class="wrong" role="alert">
        <p>This does not fit. Keep the proof, and show it to somebody who is not the shop.</p>
        <ul>
          {found.wrong.map((words) => (
            <li key={words}>{words}</li>
          ))}
        </ul>
      </div>
    );
  }
  const entries = count(found.entries, "entry of yours is", "entries of yours are");
  return (
    <p class="noted" role="status">
      It holds: {entries} in the shop's log of {found.size}, {found.looks === 1 ? "one of them a look" : `${found.looks} of them looks`}
      {found.signed === null
        ? ". This browser cannot check the signature; the rest was worked out on this device."
        : ", and its head is signed. This was worked out on this device."}{" "}
      With the proof and the <a href="/public">public bundle</a>, you see that the report was counted from this log.
    </p>
  );
}

/** A person looks because the shopper wants it; a copy of everything; erasure. */
export function Rights({ path, page, done }: Of) {
  const [error, busy, run] = useAct();
  const [sure, setSure] = useState(false);
  const [gone, setGone] = useState<string[] | null>(null);
  const [asked, setAsked] = useState(false);
  const open = asked || (page.disputes ?? []).some((one) => one.kind === "wrong" && !one.gtin && one.state !== "closed");
  const review = () =>
    run(async () => {
      await post(`${path}/review`, {});
      setAsked(true);
      announce("A person will look at this receipt.");
      await done();
    });
  const erase = () =>
    run(async () => {
      setGone((await post<{ stays: string[] }>(`${path}/erase`, {})).stays);
      setSure(false);
      announce("Erased.");
      await done();
    });
  return (
    <section>
      <h2>What you may do</h2>
      {gone ? (
        <div class="noted" role="status">
          <p>Erased. What stays:</p>
          <ul>
            {gone.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </div>
      ) : (
        <>
          <p class="tools">
            {open ? (
              <span class="noted">A person will look at this receipt.</span>
            ) : (
              <button type="button" disabled={busy} onClick={() => void review()}>
                Have a person look
              </button>
            )}
            <a class="button" href={`${ROOT}${path}/export`} download="my-visit.zip">
              Take a copy of everything
            </a>
            {!sure && (
              <button type="button" onClick={() => setSure(true)}>
                Erase this visit…
              </button>
            )}
          </p>
          {sure && (
            <div role="group" aria-label="Erase this visit?">
              <p>
                Pictures, evidence and your address go for good; then nobody can look at what you say is wrong any more. Receipts and payments
                stay, without a name.
              </p>
              <p class="tools">
                <button type="button" class="main" disabled={busy} onClick={() => void erase()}>
                  Erase it
                </button>
                <button type="button" class="plain" onClick={() => setSure(false)}>
                  Back
                </button>
              </p>
            </div>
          )}
        </>
      )}
      <Wrong words={error} />
    </section>
  );
}
