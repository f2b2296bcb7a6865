/** May models learn from the clips of my visit? Off unless the shopper says so, and taken back as easily as given. */

import { useState } from "preact/hooks";
import { post } from "../api";
import { words } from "../desk";
import { announce, useData } from "../hooks";
import { count, day } from "../words";

interface Consent {
  words: string;
  sentences: string[];
  agreed: boolean;
  agreed_ns: number | null;
  clips: number;
  copies: number;
  possible: boolean;
}

export function LearningConsent({ path, zone }: { path: string; zone: string }) {
  const data = useData<Consent>(`${path}/consent`);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const [done, setDone] = useState("");
  const found = data.value;
  if (!found || (!found.possible && !found.agreed)) return null;
  const say = async (agree: boolean) => {
    setBusy(true);
    setError("");
    try {
      const { deleted } = await post<{ deleted: number }>(`${path}/consent`, { agree });
      const how = agree ? "You agreed. You can take it back here at any time." : `Taken back. The copy for learning is gone with its key. ${deleted ? "All marks in your clips are deleted." : "There were no marks in your clips."}`;
      setDone(how);
      announce(how);
      await data.reload();
    } catch (problem) {
      setError(words(problem));
    }
    setBusy(false);
  };
  return (
    <section class="consent">
      <h2>Learning from your clips</h2>
      <p>
        <b>{found.agreed ? "On: you agreed" : "Off"}</b>
        {found.agreed ? (found.agreed_ns !== null ? ` on ${day(found.agreed_ns, zone)}.` : ".") : ": no clip of this visit is used for learning, unless you say so."}{" "}
        {found.clips === 0 ? "No clip of this visit is kept now" : `${count(found.clips, "clip")} of this visit ${found.clips === 1 ? "is" : "are"} kept now`}
        {found.copies > 0 ? `, and ${count(found.copies, "copy", "copies")} for learning, under a key of ${found.copies === 1 ? "its" : "their"} own.` : "."}
      </p>
      <details open={!found.agreed || undefined}>
        <summary>{found.agreed ? "What you agreed to" : "What you would agree to"}</summary>
        <ul>
          {found.sentences.map((one) => (
            <li key={one}>
              <Said words={one} />
            </li>
          ))}
        </ul>
      </details>
      <p class="tools">
        <button type="button" disabled={busy} onClick={() => void say(!found.agreed)}>
          {found.agreed ? "Take it back" : "I agree"}
        </button>
      </p>
      {done && (
        <p class="noted" role="status">
          {done}
        </p>
      )}
      {error && (
        <p class="wrong" role="alert">
          {error}
        </p>
      )}
    </section>
  );
}

/** "Who sees it: ..." with its head in bold. */
function Said({ words: text }: { words: string }) {
  const cut = text.indexOf(": ");
  return cut > 0 && cut < 32 ? (
    <>
      <b>{text.slice(0, cut)}.</b> {text[cut + 2]!.toUpperCase() + text.slice(cut + 3)}
    </>
  ) : (
    <>{text}</>
  );
}
