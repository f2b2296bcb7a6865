/** What is to be marked in this clip, what is marked, and which key does it? For learning, with the shopper's consent. */

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { ApiError, call, post } from "../api";
import { type DeskState, FLAGS, filmed, type RawClip, SKIPS, type Stretch, words } from "../desk";
import { Other, Reasons } from "../dialogs";
import { Cover, CoverTools, useCover } from "../cover";
import { Film, useClock } from "../evidence";
import { frameAt, jumped, lasts, middle } from "../frames";
import { announce, type Data, useData, useSize } from "../hooks";
import { useKeys, useShown } from "../keys";
import {
  add, begin, boxWords, carry, chosenBox, chosenSpan, choose, fill, go as show, goods, HAPPENS, here, label, type Mark, type Marking,
  moments, move, nextBox, nextSpan, redo, remove, seen, size, span, type Span, spanWords, undo, type What, WHATS, wrist,
} from "../marking";
import { Loading, Problem } from "../parts";
import { Page } from "../shell";
import { Sheet } from "../sheet";
import { brief, count, money } from "../words";

const ALIVE_MS = 45_000;
const WAIT_MS = 10_000;
const RETRY_MS = 4_000;
/** An arrow that is held down goes so many times as far. */
const HELD = 4;

interface Lent {
  token: string;
  sentence: string;
  clips: RawClip[];
  /** Somebody called what it shows distressing. */
  covered?: boolean;
  draft: { clip: string; width_px: number; height_px: number; t_ns: number[]; marks: Mark[]; spans: Span[] };
}

export function AnnotatePage() {
  const desk = useData<DeskState>("/desk", 15_000);
  const state = desk.value;
  const purpose = state?.purposes.find((one) => one.name === "annotate");
  const [error, setError] = useState("");
  const run = async (path: string) => {
    setError("");
    try {
      await post(path, {});
      await desk.reload();
    } catch (problem) {
      setError(words(problem));
    }
  };
  if (!state || !purpose) {
    return <Page title="Marking clips">{desk.error ? <Problem error={desk.error} retry={() => void desk.reload()} /> : <Loading what="the desk" />}</Page>;
  }
  if (state.on_shift && !state.on_break && purpose.accepted) return <Working desk={desk} state={state} />;
  return (
    <Page
      title={state.on_break ? "You are on a break." : purpose.accepted ? "Ready when you are." : "Do you want to mark clips?"}
      more="Boxes around hands and goods, in clips of visits whose shoppers agreed that models learn from them. It is a work of its own: nobody is given it who did not accept it."
    >
      <p>
        {money(purpose.rate, purpose.currency)} an hour, waiting, skips and breaks included. How fast you are is neither measured nor scored.
      </p>
      <p class="tools">
        {!purpose.accepted && (
          <button type="button" class="main" onClick={() => void run("/desk/purposes/annotate/accept")}>
            Accept this work
          </button>
        )}
        {purpose.accepted && !state.on_shift && (
          <button type="button" class="main" onClick={() => void run("/desk/shift/start")}>
            Start the shift
          </button>
        )}
        {state.on_break && (
          <button type="button" class="main" onClick={() => void run("/desk/break/end")}>
            Go on
          </button>
        )}
        <a class="button" href="/review">
          Answer questions instead
        </a>
      </p>
      {error && (
        <p class="wrong" role="alert">
          {error}
        </p>
      )}
    </Page>
  );
}

interface At {
  desk: Data<DeskState>;
  state: DeskState;
}

/** On shift: a clip, or none; what was saved last can be taken back for a minute. */
function Working({ desk, state }: At) {
  const [lent, setLent] = useState<Lent | null | undefined>(undefined);
  const [error, setError] = useState<ApiError | null>(null);
  const [note, setNote] = useState("");
  const [last, setLast] = useState<string | null>(null);
  const gone = useRef(false);
  const say = (how: string) => {
    setNote(how);
    if (how) announce(how);
  };
  const fetchOne = async () => {
    try {
      const found = (await post<Lent | undefined>("/desk/annotations/lease", {})) ?? null;
      if (gone.current) return;
      setError(null);
      setLent(found);
    } catch (problem) {
      if (!gone.current && problem instanceof ApiError) setError(problem);
    }
  };
  useEffect(() => {
    gone.current = false;
    void fetchOne();
    return () => {
      gone.current = true;
    };
  }, []);
  useEffect(() => {
    if (lent !== null && !error) return;
    const timer = setTimeout(() => void fetchOne(), WAIT_MS);
    return () => clearTimeout(timer);
  });
  useEffect(() => {
    if (!last) return;
    const timer = setTimeout(() => setLast(null), 60_000);
    return () => clearTimeout(timer);
  }, [last]);
  const on = (how: string) => {
    say(how);
    void fetchOne();
    void desk.reload();
  };
  const back = async () => {
    if (!last) return;
    setLast(null);
    try {
      await post(`/desk/leases/${last}/undo`, {});
      on("Taken back: the marks are as you saved them.");
    } catch (problem) {
      say(words(problem));
    }
  };
  const rest = () => void post("/desk/break/start", { kind: "paid" }).then(desk.reload, (problem: unknown) => say(words(problem)));
  const other = error?.status === 409 ? state.held?.[0] : undefined;
  useKeys([
    { key: "b", does: "take a paid break", run: rest },
    ...(last && !lent ? [{ key: "u", does: "take back what was saved", run: () => void back() }] : []),
  ]);
  const { shift } = state;
  return (
    <>
      {lent && !error ? (
        <Marks
          key={lent.token}
          lent={lent}
          state={state}
          earlier={last ? () => void back() : null}
          saved={(many) => {
            setLast(lent.token);
            on(`Saved: ${many}.`);
          }}
          over={on}
          say={say}
        />
      ) : (
        <Page
          title={error ? (other ? "A question is in your hands." : "The desk gives no clip.") : lent === null ? "No clip to mark; this time is paid." : "A clip is on its way."}
          tone={error ? "unsure" : ""}
          more={error ? words(error) : lent === null ? "A clip appears here by itself. Only visits whose shoppers agreed come here, so there may be none for a while." : undefined}
        >
          <p class="tools">
            {other && (
              <button type="button" class="main" onClick={() => void post(`/desk/leases/${other}/return`, {}).then(fetchOne, fetchOne)}>
                Put it back
              </button>
            )}
            <a class="button" href="/review">
              Answer questions
            </a>
            <button type="button" onClick={() => void fetchOne()}>
              Ask now
            </button>
          </p>
        </Page>
      )}
      <footer class="shift-foot">
        <p class="note" role="status">
          {note}{" "}
          {last && (
            <button type="button" class="plain" onClick={() => void back()}>
              take the last clip back
            </button>
          )}
        </p>
        <p>
          On shift {brief(shift.paid_s)}, {money(shift.earned, shift.currency)} so far, at {money(shift.hourly, shift.currency)} an hour or more, waiting included. Your
          speed is not scored.
        </p>
        <p class="tools">
          <button type="button" onClick={rest}>
            <kbd>B</kbd> Paid break
          </button>
          <a href="/review">Answer questions instead</a>
        </p>
      </footer>
    </>
  );
}

interface MarksProps {
  lent: Lent;
  state: DeskState;
  earlier: (() => void) | null;
  saved: (many: string) => void;
  over: (how: string) => void;
  say: (how: string) => void;
}

/** One clip: the picture left, what is marked in it right, its whole length below. */
function Marks({ lent, state: desk, earlier, saved, over, say }: MarksProps) {
  const raw = lent.clips[0]!;
  const shown = useMemo<Stretch>(() => {
    const clip = filmed({ ...raw, width: lent.draft.width_px, height: lent.draft.height_px }, (t_ns) => (t_ns - raw.t0_ns) / 1e9);
    return { end_s: lasts(clip), event_s: 0, clips: [clip], plates: [], hands: [], marks: [] };
  }, [lent.token]);
  const clip = shown.clips[0]!;
  const cover = useCover(lent.token, lent.covered === true);
  const clock = useClock(shown, `${lent.token}/${cover.shut}`, cover.called);
  const size_px = { width_px: lent.draft.width_px, height_px: lent.draft.height_px, pictures: clip.frames };
  const [work, setWork] = useState<Marking>(() => begin(size_px, lent.draft.marks, lent.draft.spans));
  const [what, setWhat] = useState<What>("hand");
  const [bare, setBare] = useState(false);
  const [open, setOpen] = useState<"" | "goods" | "skip" | "flag">("");
  const [names, setNames] = useState<Record<string, string>>({});
  const [trouble, setTrouble] = useState("");
  const [sending, setSending] = useState(false);
  const [sureEmpty, setSureEmpty] = useState(false);
  const title = useRef<HTMLHeadingElement>(null);
  const onScreen = useShown();
  const latest = useRef(work);
  latest.current = work;
  const picture = frameAt(clip, clock.t_s);
  useLayoutEffect(() => setWork((old) => show(old, picture)), [picture]);
  useEffect(() => {
    title.current?.focus({ preventScroll: true });
    announce(lent.sentence);
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void post(`/desk/leases/${lent.token}/heartbeat`, {}).catch(() => undefined);
    }, ALIVE_MS);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    if (work.note) say(work.note);
  }, [work]);
  const changedBy = work.past.length;
  useEffect(() => {
    setSureEmpty(false);
    if (!changedBy) return;
    // A browser asks before it throws away what is not saved yet.
    const stay = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", stay);
    return () => removeEventListener("beforeunload", stay);
  }, [changedBy]);
  const act = (next: (state: Marking) => Marking) => {
    const made = next(latest.current);
    latest.current = made;
    setWork(made);
    if (made.picture !== picture) clock.set(middle(clip, made.picture));
  };
  const to = (frame: number) => clock.set(middle(clip, Math.min(clip.frames - 1, Math.max(0, frame))));
  const jump = (way: 1 | -1) => {
    const at = jumped(moments(latest.current), picture, way, clip.frames - 1);
    to(at);
  };
  const save = async () => {
    if (sending) return;
    const { marks, spans } = latest.current;
    if (!marks.length && !spans.length && !sureEmpty) {
      setSureEmpty(true);
      return say("Nothing is marked. If there is nothing to mark, press Enter once more.");
    }
    setSending(true);
    try {
      await call("PUT", `/desk/annotations/${encodeURIComponent(lent.token)}`, { marks, spans });
      saved(`${count(marks.length, "box", "boxes")}, ${count(spans.length, "span")}`);
    } catch (problem) {
      if (problem instanceof ApiError && (problem.status === 409 || problem.status === 404)) return over(words(problem));
      setTrouble(words(problem));
      setSending(false);
    }
  };
  useEffect(() => {
    if (!trouble || sending) return;
    const timer = setTimeout(() => void save(), RETRY_MS);
    return () => clearTimeout(timer);
  }, [trouble, sending]);
  const tell = async (what: "skip" | "flag", reason: string) => {
    setOpen("");
    try {
      await post(`/desk/leases/${lent.token}/${what}`, { reason });
      if (what === "skip") over("Skipped. It goes to somebody else, and nothing is noted against you.");
      else say("Flagged. A person of the shop looks at it.");
    } catch (problem) {
      say(words(problem));
    }
  };
  const arrows = (dx: number, dy: number) => (event: KeyboardEvent) => {
    const far = event.repeat ? HELD : 1;
    act((old) => (event.shiftKey ? size : move)(old, dx * far, dy * far));
  };
  const name = (n: number) => {
    if (!chosenSpan(latest.current)) setWhat(WHATS[n] ?? what);
    act((old) => label(old, n));
  };
  const inSpan = chosenSpan(work) !== null;
  const back = () => (latest.current.past.length || !earlier ? act(undo) : earlier());
  const doing = (next: (state: Marking) => Marking) => () => act(next);
  useKeys(
    [
      { key: ".", does: "a picture on", run: () => clock.step(1) },
      { key: ",", does: "a picture back", run: () => clock.step(-1) },
      { key: "j", does: "next box of this picture", run: doing((old) => nextBox(old, 1)) },
      { key: "k", does: "the box before", run: doing((old) => nextBox(old, -1)) },
      { key: "n", does: "next picture with marks", run: () => jump(1) },
      { key: "p", does: "the picture with marks before", run: () => jump(-1) },
      { key: "a", does: `add a box (${what})`, run: doing((old) => add(old, what)) },
      ...(inSpan ? HAPPENS : WHATS).map((one, n) => ({ key: String(n + 1), does: `it is a ${one}`, run: () => name(n) })),
      { key: "0", does: "which product: search the catalogue", run: () => (latest.current.chosen ? setOpen("goods") : say("Choose a box or a span first.")) },
      { key: "ArrowLeft", does: "move to the left; with Shift: narrower", run: arrows(-1, 0) },
      { key: "ArrowRight", does: "move to the right; with Shift: wider", run: arrows(1, 0) },
      { key: "ArrowUp", does: "move up; with Shift: lower its height", run: arrows(0, -1) },
      { key: "ArrowDown", does: "move down; with Shift: taller", run: arrows(0, 1) },
      { key: "c", does: "bring the box chosen last into this picture", run: doing(carry) },
      { key: "i", does: "fill in the pictures between two of its boxes", run: doing(fill) },
      { key: "w", does: "next wrist of the person", run: doing(wrist) },
      { key: "v", does: "the wrist is seen, or hidden", run: doing(seen) },
      { key: "m", does: "a span begins here; again: it ends here", run: doing(span) },
      { key: "g", does: "next span", run: doing(nextSpan) },
      { key: "d", does: "delete what is chosen", run: doing(remove) },
      { key: "Delete", does: "delete what is chosen", run: doing(remove) },
      { key: "u", does: "take back", run: back },
      { key: "y", does: "do it again", run: doing(redo) },
      { key: " ", does: "play or stop", run: clock.toggle },
      ...cover.keys,
      { key: "h", does: "hide or show the boxes", run: () => setBare(!bare) },
      { key: "s", does: "skip, with a reason if you like", run: () => setOpen("skip") },
      { key: "f", does: "flag: something is not as it should be", run: () => setOpen("flag") },
      { key: "Enter", does: "save, and the next clip", run: () => void save() },
    ],
    onScreen,
  );
  const boxes = here(work);
  const goodsName = (gtin: string) => (gtin ? ` · ${names[gtin] ?? gtin}` : "");
  return (
    <main class="page wide review annotate" id="main">
      <h1 class="verdict" tabIndex={-1} ref={title}>
        {lent.sentence}
      </h1>
      <p class="more">
        For learning, with the shopper's consent. Dashed boxes are by software: move, name or delete them; what you leave is yours. <b class="wide-please">A wider screen makes this easier.</b>
      </p>
      <div class="desk">
        <section class="evidence" aria-label="Clip">
          <CoverTools cover={cover} />
          {cover.shut ? (
            <Cover cover={cover} skip={() => setOpen("skip")} />
          ) : (
            <div class={cover.grey ? "stage grey" : "stage"} style={{ "--ratio": String(size_px.width_px / size_px.height_px) }}>
              <Film clip={clip} clock={clock} hidden={false}>
                <Sheet state={work} what={what} bare={bare} change={act} />
              </Film>
            </div>
          )}
          <Length work={work} to={to} picture={picture} />
          <p class="tools controls">
            <Do key_="Space" words={clock.playing ? "Stop" : "Play"} run={clock.toggle} />
            <Do key_="," words="Back" run={() => clock.step(-1)} />
            <Do key_="." words="On" run={() => clock.step(1)} />
            <Do key_="P" words="Marked before" run={() => jump(-1)} />
            <Do key_="N" words="Marked next" run={() => jump(1)} />
            <Do key_="C" words="Bring here" run={doing(carry)} />
            <Do key_="I" words="Fill between" run={doing(fill)} />
            <Do key_="H" words="Hide boxes" run={() => setBare(!bare)} on={bare} />
          </p>
        </section>
        <section class="answers" aria-label="Marks">
          <h2>In this picture</h2>
          {boxes.length === 0 && (
            <p class="state">
              No box. <kbd>A</kbd> adds one, or draw it.
            </p>
          )}
          <ul>
            {boxes.map((at) => {
              const on = work.chosen?.kind === "box" && work.chosen.at === at;
              const mark = work.marks[at]!;
              return (
                <li key={at}>
                  <button type="button" class={on ? "answer on" : "answer"} aria-pressed={on} onClick={doing((old) => choose(old, { kind: "box", at }))}>
                    <span class="words">
                      <b>
                        {boxWords(mark)}
                        {goodsName(mark.gtin)}
                      </b>
                      <span class="quiet number">
                        {mark.x_px}, {mark.y_px}; {mark.width_px} × {mark.height_px} px
                        {on && work.chosen?.kind === "box" && work.chosen.joint ? `; ${work.chosen.joint === "l_wrist" ? "left" : "right"} wrist${mark.joints[work.chosen.joint]?.[2] === 1 ? ", hidden" : ""}` : ""}
                      </span>
                    </span>
                  </button>
                </li>
              );
            })}
          </ul>
          <div class="tools" role="group" aria-label={inSpan ? "What happens" : "What it is"}>
            {(inSpan ? HAPPENS : WHATS).map((one, n) => (
              <Do key={one} key_={String(n + 1)} words={one} run={() => name(n)} on={inSpan ? chosenSpan(work)?.happens === one : (chosenBox(work)?.what ?? what) === one} />
            ))}
            <Do key_="0" words="Product…" run={() => work.chosen && setOpen("goods")} off={!work.chosen} />
          </div>
          <p class="tools">
            <Do key_="A" words="Add" run={doing((old) => add(old, what))} />
            <Do key_="D" words="Delete" run={doing(remove)} off={!work.chosen} />
            <Do key_="W" words="Wrist" run={doing(wrist)} off={chosenBox(work)?.what !== "person"} />
            <Do key_="U" words="Take back" run={back} off={!work.past.length && !earlier} />
            <Do key_="Y" words="Again" run={doing(redo)} off={!work.ahead.length} />
          </p>
          <h2>What happens</h2>
          <ul>
            {work.spans.map((one, at) => {
              const on = work.chosen?.kind === "span" && work.chosen.at === at;
              return (
                <li key={at}>
                  <button
                    type="button"
                    class={on ? "answer on" : "answer"}
                    aria-pressed={on}
                    onClick={() => {
                      act((old) => choose(old, { kind: "span", at }));
                      to(one.first);
                    }}
                  >
                    <span class="words">
                      <b>
                        {spanWords(one)}
                        {goodsName(one.gtin)}
                      </b>
                    </span>
                  </button>
                </li>
              );
            })}
          </ul>
          <p class="tools">
            <Do key_="M" words={work.begun === null ? "A span begins here" : `It ends here (begun at ${work.begun + 1})`} run={doing(span)} on={work.begun !== null} />
            <Do key_="G" words="Next span" run={doing(nextSpan)} off={!work.spans.length} />
          </p>
          <p class="tools done">
            <button type="button" class="main" disabled={sending} onClick={() => void save()}>
              <kbd>Enter</kbd> {sureEmpty ? "There is nothing to mark" : "Save, and the next"}
            </button>
            <Do key_="S" words="Skip" run={() => setOpen("skip")} />
            <Do key_="F" words="Flag" run={() => setOpen("flag")} />
          </p>
          {trouble && (
            <p class="problem" role="alert">
              Not saved yet; it is kept here and sent again by itself. {trouble}
            </p>
          )}
        </section>
      </div>
      {open === "goods" && (
        <Other
          draft={{ quantity: null, sure: "sure" }}
          close={() => setOpen("")}
          choose={(one) => {
            setNames((old) => ({ ...old, [one.gtin]: one.name }));
            act((old) => goods(old, one.gtin));
          }}
        />
      )}
      {open === "skip" && <Reasons title="Skip this clip" lead="No reason is needed. Nothing is noted against you, and your time is paid. What you marked here is not kept." reasons={desk.skip_reasons ?? SKIPS} close={() => setOpen("")} choose={(reason) => void tell("skip", reason)} />}
      {open === "flag" && <Reasons title="Flag this clip" lead="A person of the shop looks at it today. The clip stays with you; skip it if you like." reasons={desk.flag_reasons ?? FLAGS} close={() => setOpen("")} choose={(reason) => void tell("flag", reason)} />}
    </main>
  );
}

/** A control with its key. */
function Do({ key_, words: said, run, on, off = false }: { key_: string; words: string; run: () => void; on?: boolean; off?: boolean }) {
  return (
    <button type="button" disabled={off} aria-pressed={on} onClick={run}>
      <kbd>{key_}</kbd> {said}
    </button>
  );
}

/** The whole clip on one line: pictures with boxes as ticks, by whom; spans as bars; a slider under it. */
function Length({ work, picture, to }: { work: Marking; picture: number; to: (frame: number) => void }) {
  const [[width], lane] = useSize();
  const n = work.size.pictures;
  const wide = width / n;
  const many = useMemo(() => {
    const found = new Map<number, boolean>();
    for (const mark of work.marks) found.set(mark.picture, (found.get(mark.picture) ?? true) && mark.by === "person");
    return [...found];
  }, [work.marks]);
  return (
    <figure class="curves" ref={lane}>
      <svg class="curve length" width={width} height={22 + 12 * work.spans.length} role="img" aria-label={`${count(many.length, "picture has", "pictures have")} boxes, ${count(work.spans.length, "span")}`}>
        {many.map(([at, mine]) => (
          <rect key={at} class={mine ? "tick" : "tick draft"} x={at * wide + wide * 0.15} y={6} width={Math.max(1, wide * 0.7)} height={10} />
        ))}
        {work.spans.map((one, k) => (
          <g key={k} class={work.chosen?.kind === "span" && work.chosen.at === k ? "span on" : "span"}>
            <rect x={one.first * wide} y={22 + 12 * k} width={(one.last - one.first + 1) * wide} height={6} />
          </g>
        ))}
        {work.begun !== null && <line class="moment" x1={work.begun * wide} x2={work.begun * wide} y1="0" y2="22" />}
        <line class="playhead" x1={(picture + 0.5) * wide} x2={(picture + 0.5) * wide} y1="0" y2={22 + 12 * work.spans.length} />
      </svg>
      <input type="range" aria-label="Picture" aria-valuetext={`picture ${picture + 1} of ${n}`} min={0} max={n - 1} step={1} value={picture} onInput={(event) => to(Number(event.currentTarget.value))} />
      <figcaption class="quiet">{count(work.marks.length, "box", "boxes")} in {count(many.length, "picture")} of {n}</figcaption>
    </figure>
  );
}
