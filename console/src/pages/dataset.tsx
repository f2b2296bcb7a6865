/** What do models learn from, who agreed to it, and who was paid for it? Counts only: whose consent it is stands nowhere here. */

import { useState } from "preact/hooks";
import { post } from "../api";
import { words } from "../desk";
import { useData, useSession } from "../hooks";
import { Loading, Problem } from "../parts";
import { Page } from "../shell";
import { count, day, duration } from "../words";

interface Sheet {
  clips: number;
  pictures: number;
  marks: number;
  placed_by_people: number;
  origins: string[];
  consents: { consent: number; words: string; t_ns: number }[];
  people: number | string;
  paid_hours: number;
  pay: string[];
  imported_clips: number;
  hours_of_imported: string | null;
  visits_agreed: number;
  visits_taken_back: number;
  clips_waiting: number;
  clips_in_hand: number;
}

export function DatasetPage() {
  const data = useData<Sheet>("/review/annotations", 30_000);
  const { role, store } = useSession();
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const found = data.value;
  if (!found) return <Page title="Marks for learning">{data.error ? <Problem error={data.error} retry={() => void data.reload()} /> : <Loading what="the data set" />}</Page>;
  const offer = async () => {
    setBusy(true);
    try {
      const { clips } = await post<{ clips: number }>("/review/annotations/offer", {});
      const how = clips ? `${count(clips, "clip")} of visits whose shoppers agreed ${clips === 1 ? "is" : "are"} before people, or marked already.` : "No visit whose shopper agreed has a clip now.";
      setSaid(how);
      await data.reload();
    } catch (problem) {
      setSaid(words(problem));
    }
    setBusy(false);
  };
  // What people agreed to, word for word, and how many of them to each.
  const agreed = new Map<string, { many: number; first_ns: number }>();
  for (const one of found.consents) {
    const old = agreed.get(one.words);
    agreed.set(one.words, { many: (old?.many ?? 0) + 1, first_ns: Math.min(old?.first_ns ?? one.t_ns, one.t_ns) });
  }
  return (
    <Page
      title={found.clips ? `${count(found.clips, "clip")} marked, with the consent of ${count(found.consents.length, "visit")}.` : "No clip is marked yet."}
      more="Clips are marked only where the shopper agreed on their own page. Take a consent back, and its marks are gone from here and from every export that follows."
    >
      <dl class="facts">
        <Fact name="visits that agree" value={found.visits_agreed} />
        <Fact name="took it back" value={found.visits_taken_back} />
        <Fact name="clips that wait" value={found.clips_waiting} />
        <Fact name="in somebody's hands" value={found.clips_in_hand} />
      </dl>
      {role !== "auditor" && (
        <p class="tools">
          <button type="button" class="main" disabled={busy} onClick={() => void offer()}>
            Put the clips of all who agreed before people
          </button>
          <span role="status">{said}</span>
        </p>
      )}
      <h2>What is in it</h2>
      <dl class="facts">
        <Fact name="clips" value={found.clips} />
        <Fact name="pictures" value={found.pictures} />
        <Fact name="boxes" value={found.marks} />
        <Fact name="placed or left by people" value={found.placed_by_people} />
        <Fact name="origin" value={found.origins.join(", ") || "nothing yet"} />
      </dl>
      <h2>Who worked on it</h2>
      <dl class="facts">
        <Fact name="people" value={found.people} />
        <Fact name="paid time" value={duration(found.paid_hours * 3600)} />
        <Fact name="at" value={found.pay.join("; ") || "nothing yet"} />
        {found.imported_clips > 0 && <Fact name="clips that came in from elsewhere" value={`${found.imported_clips}; their hours: ${found.hours_of_imported}`} />}
      </dl>
      <h2>Whose consent it rests on</h2>
      {agreed.size === 0 && <p class="state">On nobody's yet. A shopper agrees on the page of their receipt; it is off until then.</p>}
      {[...agreed].map(([text, { many, first_ns }]) => (
        <section key={text} class="consented">
          <p>
            {count(many, "visit")}, the first on {day(first_ns, store.timezone)}, agreed to these words:
          </p>
          <blockquote>
            {text.split("\n").map((line) => (
              <p key={line}>{line}</p>
            ))}
          </blockquote>
        </section>
      ))}
      <p class="quiet">
        Out and in again as COCO, for other tools: <code>walkout review dataset export DATA --out FILE</code>
      </p>
      <p class="links tools">
        <a href="/review/overview">How reviewing goes</a>
      </p>
    </Page>
  );
}

const Fact = ({ name, value }: { name: string; value: number | string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{typeof value === "number" ? value.toLocaleString("en-US") : value}</dd>
  </div>
);
