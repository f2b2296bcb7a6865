/** What I say of my work in public: written here, signed here, published with the month's report as it is. */

import { useState } from "preact/hooks";
import { get, post } from "./api";
import { words } from "./desk";
import { announce, useData } from "./hooks";
import { keyMessage, keyPair, message, publicHex, type Signed, signed } from "./signing";

interface Mine {
  store: string;
  month: string;
  longest: number;
  keys: { key: string }[];
  said: (Signed & { sha256: string })[];
}

const PATH = "/shift/voice";

export default function StatementCard({ who }: { who: string }) {
  const data = useData<Mine>(PATH);
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const [month, setMonth] = useState("");
  const mine = data.value;
  if (!mine) return null;
  const about = month || mine.month;
  const replaced = new Set(mine.said.map((one) => one.replaces));
  const standing = mine.said.filter((one) => !replaced.has(one.sha256));
  const run = async (act: () => Promise<unknown>) => {
    setBusy(true);
    setError("");
    try {
      await act();
      announce("Published.");
      await data.reload();
    } catch (problem) {
      setError(words(problem));
    }
    setBusy(false);
  };
  const publish = (text: string) =>
    run(async () => {
      if (!crypto.subtle) throw new Error("No browser signs on a page without https. Sign on your own machine: walkout review statement sign; then bring the file.");
      const pair = (await keyPair(who, true))!;
      const key = await publicHex(pair);
      const now = await get<Mine>(PATH);
      if (!now.keys.some((one) => one.key === key)) await post(`${PATH}/key`, { key, proof: await signed(pair, keyMessage(now.store, key)) });
      const before = now.said.filter((one) => one.key === key && one.month === about);
      const replaces = before[before.length - 1]?.sha256 ?? "";
      const made: Signed = { kind: "reviewers-statement", store: now.store, month: about, replaces, text, key, signature: await signed(pair, message(now.store, about, key, replaces, text)) };
      await post(PATH, made);
    });
  const bring = async (event: Event) => {
    const file = (event.currentTarget as HTMLInputElement).files?.[0];
    if (!file) return;
    await run(async () => {
      const { sha256: _, ...made } = JSON.parse(await file.text());
      await post(PATH, made);
    });
  };
  return (
    <section class="voice">
      <h2>What you say in public</h2>
      <p>
        It stands in the shop's public report, first of all that is said about your work, without your name. Your browser signs it with a key that only it holds: the shop can neither change it nor leave it out unseen.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void publish(String(new FormData(event.currentTarget as HTMLFormElement).get("text") ?? ""));
        }}
      >
        <textarea name="text" rows={4} maxLength={mine.longest} required aria-label="Your statement" />
        <p class="tools">
          <label>
            about{" "}
            <input type="month" value={about} max={mine.month} onInput={(event) => setMonth(event.currentTarget.value)} />
          </label>
          <button type="submit" disabled={busy}>
            Sign and publish
          </button>
          <label class="quiet">
            or bring one that you signed elsewhere <input type="file" accept=".json" onChange={(event) => void bring(event)} />
          </label>
        </p>
      </form>
      {error && (
        <p class="wrong" role="alert">
          {error}
        </p>
      )}
      <ul class="rows">
        {standing
          .filter((one) => one.text)
          .map((one) => (
            <li key={one.sha256}>
              <span class="number quiet">{one.month}</span>
              <span class="what">{one.text}</span>
              <a class="button" download={`statement-${one.month}.json`} href={`data:application/json,${encodeURIComponent(JSON.stringify(one))}`}>
                Keep a copy
              </a>
            </li>
          ))}
      </ul>
      {mine.keys.length > 0 && (
        <p class="quiet hash">
          Keys in your name, as the public log has them: {mine.keys.map((one) => one.key).join(", ")}. If one of them is not yours, say so. To take a statement back, publish an empty one from the same browser:{" "}
          <button type="button" class="plain" disabled={busy} onClick={() => void publish("")}>
            take back what I said of {about}
          </button>
        </p>
      )}
    </section>
  );
}
