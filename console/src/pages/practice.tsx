/** Questions to practise on: the desk's own screen, with answers that are explained. */

import { useEffect, useState } from "preact/hooks";
import { post } from "../api";
import type { Asked } from "../desk";
import { announce, useData } from "../hooks";
import { useKeys } from "../keys";
import { Loading, Problem } from "../parts";
import { Question } from "../question";
import { go } from "../router";
import { Page } from "../shell";

/** The same screen with questions whose answers are explained; nothing is kept. */
export function PracticePage() {
  const [round, setRound] = useState(0);
  const [verdict, setVerdict] = useState<{ right: boolean | null; why: string } | null>(null);
  const question = useData<Asked | null>(`/desk/practice?n=${round}`);
  const again = () => {
    setVerdict(null);
    setRound(round + 1);
  };
  const end = () => go("/review");
  useKeys(
    verdict
      ? [
          { key: "Enter", does: "another one", run: again },
          { key: "b", does: "back to the desk", run: end },
        ]
      : [],
  );
  useEffect(() => {
    if (verdict) announce(`${headOf(verdict.right)} ${verdict.why}`);
  }, [verdict]);
  if (verdict) {
    return (
      <Page title={headOf(verdict.right)} more={verdict.why}>
        <p class="tools">
          <button type="button" class="main" onClick={again}>
            Another one
          </button>
          <a class="button" href="/review">
            Back to the desk
          </a>
        </p>
        <p class="quiet">Practice is not kept: not how it went, not how long it took.</p>
      </Page>
    );
  }
  if (!question.value?.token) {
    return (
      <Page title="Practice">
        {question.error ? (
          <Problem error={question.error} retry={() => void question.reload()} />
        ) : question.loading ? (
          <Loading what="a question" />
        ) : (
          <p class="state">
            This shop has no practice questions yet. <a href="/review">Back to the desk</a>
          </p>
        )}
      </Page>
    );
  }
  const asked = question.value;
  return (
    <>
      <Question
        key={`${asked.token} ${round}`}
        asked={asked}
        send={async (body) => {
          setVerdict(await post("/desk/practice/answer", { token: asked.token, ...body }));
          return { done: true, undo_until_ns: 0, settled: null, case: null };
        }}
        sent={() => undefined}
        lost={again}
      />
      <footer class="shift-foot">
        <p class="note">Practice: nothing of it is kept.</p>
        <p class="tools">
          <a class="button" href="/review">
            Back to the desk
          </a>
        </p>
      </footer>
    </>
  );
}

const headOf = (right: boolean | null) => (right === null ? "That was a good answer: it is hard to tell." : right ? "Right." : "Not quite.");

