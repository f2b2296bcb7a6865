/** What a reviewer sees of a question: clips frame by frame and in step, hands, weights, the plan; one clock for all. */

import { type ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Cover, CoverTools, useCover } from "./cover";
import { path, range } from "./curve";
import { type Asked, changeAt, noClip, type Stretch, stretch } from "./desk";
import { astray, covers, frameAt, jumped, seekTime, stepped } from "./frames";
import { points, px, py, view } from "./geometry";
import { reduced, useData, useSize } from "./hooks";
import { useKeys } from "./keys";
import { Furniture } from "./plan";
import type { Shop } from "./types";
import { grams, length, plates } from "./words";

/** Where a clip begins to be shown, before the event, s. */
const LEAD_S = 2;

export interface Clock {
  t_s: number;
  playing: boolean;
  set: (t_s: number) => void;
  toggle: () => void;
  step: (by: number) => void;
  jump: (way: 1 | -1) => void;
}

/**
 * The one clock of a question. It plays once by itself, unless motion is not wanted, and stands where it ends.
 * `waits`: it stands at the start until somebody lets it play.
 */
export function useClock(shown: Stretch, key: string, waits = false): Clock {
  const start = Math.max(0, shown.event_s - LEAD_S);
  const still = reduced() || waits;
  const first = { key, t_s: still && !waits ? shown.event_s : start, playing: !still };
  const [state, set] = useState(first);
  const current = state.key === key ? state : first;
  if (current !== state) set(current);
  const latest = useRef(current);
  latest.current = current;
  useEffect(() => {
    if (!current.playing) return;
    let last = performance.now();
    let frame = 0;
    const on = (now: number) => {
      const { t_s } = latest.current;
      const next = Math.min(shown.end_s, t_s + Math.max(0, now - last) / 1000);
      last = now;
      set({ key, t_s: next, playing: next < shown.end_s });
      if (next < shown.end_s) frame = requestAnimationFrame(on);
    };
    frame = requestAnimationFrame(on);
    return () => cancelAnimationFrame(frame);
  }, [current.playing, key]);
  const go = (t_s: number) => set({ key, t_s: Math.min(shown.end_s, Math.max(0, t_s)), playing: false });
  return {
    t_s: current.t_s,
    playing: current.playing,
    set: go,
    toggle: () => set({ key, t_s: !current.playing && current.t_s >= shown.end_s ? start : current.t_s, playing: !current.playing }),
    step: (by) => go(stepped(shown.clips, latest.current.t_s, by, shown.end_s)),
    jump: (way) => go(jumped(shown.marks, latest.current.t_s, way, shown.end_s)),
  };
}

interface Shown {
  asked: Asked;
  /** The one after this, whose clips are loaded and not shown. */
  next?: Asked | null;
  /** Put it away at no loss; none in practice. */
  skip?: () => void;
  rest?: () => void;
}

export function EvidenceView({ asked, next = null, skip, rest }: Shown) {
  const shown = useMemo(() => stretch(asked.evidence), [asked.evidence]);
  const cover = useCover(asked.token, asked.evidence.covered === true && shown.clips.length > 0);
  // Clips that come later, or from under their cover, begin the clock anew.
  const clock = useClock(shown, `${asked.token}/${shown.clips.length}/${cover.shut}`, cover.called);
  const [bare, setBare] = useState(false);
  useKeys([
    ...cover.keys,
    { key: " ", does: "play or stop", run: clock.toggle },
    { key: ",", does: "a frame back", run: () => clock.step(-1) },
    { key: ".", does: "a frame on", run: () => clock.step(1) },
    { key: "j", does: "next moment: the weight, each hand at its nearest", run: () => clock.jump(1) },
    { key: "k", does: "moment before", run: () => clock.jump(-1) },
    { key: "h", does: "hide or show what is drawn over the evidence", run: () => setBare(!bare) },
  ]);
  // The videos of this question and of the next one stay the same elements when the next one comes.
  const loaded = [...(cover.shut ? [] : [asked]), ...(next && next.evidence.covered !== true ? [next] : [])];
  const films = loaded.flatMap((one) =>
    (one === asked ? shown : stretch(one.evidence)).clips.map((clip, n) => ({ clip, key: `${one.token}/${n}`, on: one === asked })),
  );
  return (
    <section class={bare ? "evidence bare" : "evidence"} aria-label="Evidence">
      {shown.clips.length === 0 && <NoClips asked={asked} clock={clock} shown={shown} />}
      {cover.shut && <Cover cover={cover} skip={skip} rest={rest} />}
      <CoverTools cover={cover} />
      <div class={`films many${Math.min(2, shown.clips.length)}${cover.grey ? " grey" : ""}`}>
        {films.map((film) => (
          <Film key={film.key} clip={film.clip} clock={clock} hidden={!film.on} />
        ))}
      </div>
      <Curves shown={shown} clock={clock} />
      <p class="tools controls">
        <button type="button" onClick={clock.toggle} aria-pressed={clock.playing}>
          <kbd>Space</kbd> {clock.playing ? "Stop" : "Play"}
        </button>
        <button type="button" onClick={() => clock.step(-1)}>
          <kbd>,</kbd> Frame back
        </button>
        <button type="button" onClick={() => clock.step(1)}>
          <kbd>.</kbd> Frame on
        </button>
        <button type="button" onClick={() => clock.jump(1)}>
          <kbd>J</kbd> Next moment
        </button>
        <button type="button" onClick={() => clock.jump(-1)}>
          <kbd>K</kbd> Moment before
        </button>
        <button type="button" onClick={() => setBare(!bare)} aria-pressed={bare}>
          <kbd>H</kbd> Hide marks
        </button>
      </p>
    </section>
  );
}

type FilmClip = Stretch["clips"][number];

/** One camera's clip; it stands at exactly the frame of the clock, or plays beside it. `children` lie over its picture. */
export function Film({ clip, clock, hidden, children }: { clip: FilmClip; clock: Clock; hidden: boolean; children?: ComponentChildren }) {
  const video = useRef<HTMLVideoElement>(null);
  const [failed, setFailed] = useState(false);
  const [ready, setReady] = useState(false);
  const frame = frameAt(clip, clock.t_s);
  const here = covers(clip, clock.t_s);
  const still = clip.frames <= 1;
  useEffect(() => {
    const film = video.current;
    if (!film || hidden || !ready) return;
    if (clock.playing && here) {
      if (film.paused) void film.play().catch(() => undefined);
      if (astray(clip, film.currentTime, clock.t_s)) film.currentTime = clock.t_s - clip.start_s;
      return;
    }
    if (!film.paused) film.pause();
    const wanted = seekTime(clip, frame);
    if (Math.abs(film.currentTime - wanted) > 1e-4) film.currentTime = wanted;
  }, [clock.playing, clock.playing && clock.t_s, frame, here, hidden, ready]);
  return (
    <figure class="film" hidden={hidden} data-frame={frame}>
      {failed ? (
        <p class="state wrong">This clip could not be loaded. Answer by the rest, or press S to skip; your time is paid.</p>
      ) : still ? (
        <img src={clip.raw.url} width={clip.raw.width} height={clip.raw.height} alt={`Redacted picture, ${clip.raw.camera}`} onError={() => setFailed(true)} />
      ) : (
        <video
          ref={video}
          src={clip.raw.url}
          width={clip.raw.width}
          height={clip.raw.height}
          muted
          playsInline
          preload="auto"
          disablePictureInPicture
          aria-label={`Redacted clip, ${clip.raw.camera}`}
          onLoadedData={() => setReady(true)}
          onError={() => setFailed(true)}
        />
      )}
      {!failed && children}
      <figcaption>
        {clip.raw.camera}
        <span class="number quiet">
          {here ? ` frame ${frame + 1} of ${clip.frames}` : " has no picture of this moment"}
        </span>
      </figcaption>
    </figure>
  );
}

/** What stands in the clips' place where no camera's clip is there. */
function NoClips({ asked, clock, shown }: { asked: Asked; clock: Clock; shown: Stretch }) {
  const shop = useData<Shop>("/shop");
  const { tracks, place } = asked.evidence;
  const none = noClip(asked.evidence);
  const t0 = asked.evidence.curve.t0_ns;
  const box = useMemo(() => shop.value && view(shop.value, 0.03), [shop.value]);
  const fixture = shop.value?.fixtures.find((one) => one.id === place?.fixture);
  const shelf = fixture?.shelves.find((one) => one.id === place?.shelf);
  const facings = shop.value?.facings.filter((one) => one.fixture === place?.fixture && one.shelf === place?.shelf) ?? [];
  return (
    <div class="instead">
      <p class="noclips">
        <b>{none.title}</b> {none.why} Decide by weight, by hands and by where people stood; if that is not enough, “cannot tell” is a good answer.
      </p>
      <div class="where-they-stood">
        {shop.value && box && (
          <svg class="plan small" viewBox={`${box.left} ${box.top} ${box.width} ${box.height}`} role="img" aria-label="Where people stood at this moment">
            <Furniture shop={shop.value} chosen={place?.fixture ?? null} />
            {(tracks ?? []).map((track) => {
              const s = track.t_ns.map((t) => (t - t0) / 1e9);
              const until = s.findIndex((t) => t > clock.t_s);
              const k = until < 0 ? s.length - 1 : until - 1;
              if (k < 0) return null;
              const tail = track.x_m.slice(Math.max(0, k - 10), k + 1).map((x, i) => [x, track.y_m[Math.max(0, k - 10) + i]!] as [number, number]);
              return (
                <g key={track.key} class={`person v${slotOf(track.label)}`}>
                  <polyline class="walk" points={points(tail)} />
                  <circle class="dot" cx={px(track.x_m[k]!)} cy={py(track.y_m[k]!)} r="16" />
                  <text class="number letter" x={px(track.x_m[k]!)} y={py(track.y_m[k]!) + 5}>
                    {letter(track.label)}
                  </text>
                </g>
              );
            })}
          </svg>
        )}
        <div class="shelf-then">
          {place && (
            <p>
              {place.fixture}, shelf {place.shelf}, {plates(place.plates)}
            </p>
          )}
          <p class="quiet">{shown.plates.length ? <>Changed so far: <Change shown={shown} t_s={clock.t_s} /></> : "No scale's readings were kept."}</p>
          <ul class="neighbours">
            {facings.map((one) => (
              <li key={one.gtin} class={one.plates.some((id) => place?.plates.includes(id)) ? "there" : ""}>
                {one.name}
              </li>
            ))}
          </ul>
          {shelf && <p class="quiet">What has its place on that shelf; marked, what stands on those plates.</p>}
        </div>
      </div>
    </div>
  );
}

function Change({ shown, t_s }: { shown: Stretch; t_s: number }) {
  const change = changeAt(shown.plates, t_s);
  return <b class="number">{change === null ? "nothing read" : grams(change, true)}</b>;
}

/** The letter of "person A"; nothing where nobody has one. */
const letter = (label: string) => /\b([A-Z]{1,2})$/.exec(label)?.[1] ?? "";
/** A person's colour on this question's drawings: by their letter, which stands in every mark. */
const slotOf = (label: string) => (letter(label) ? ((letter(label).charCodeAt(0) + 7) % 8) + 1 : 0);
const TALL = 108;
const HANDS = 60;

/** Weight above, hands below, on the clock of the clips; a click sets it. */
function Curves({ shown, clock }: { shown: Stretch; clock: Clock }) {
  const [[width], lane] = useSize();
  const hands = shown.hands.filter((hand) => Math.min(...hand.distance_m) < 1).slice(0, 4);
  const tall = TALL + (hands.length ? HANDS : 0);
  const across = (t_s: number) => (t_s / shown.end_s) * width;
  const drawn = useMemo(() => {
    const [low, high] = range(shown.plates.map((plate) => plate.change_g), 20);
    const down = (g: number) => 14 + ((high - g) / (high - low)) * (TALL - 34);
    return {
      zero: down(0),
      plates: shown.plates.map((plate) => ({ id: plate.id, d: path(plate.t_s.map((t) => t * 1e9), plate.change_g, (t) => across(t / 1e9), down) })),
      hands: hands.map((hand) => ({
        ...hand,
        d: path(hand.t_s.map((t) => t * 1e9), hand.distance_m, (t) => across(t / 1e9), (m) => TALL + 8 + Math.min(1, m) * (HANDS - 16), 500e6),
        x: across(hand.nearest_s),
        y: TALL + 8 + Math.min(1, Math.min(...hand.distance_m)) * (HANDS - 16),
      })),
    };
  }, [shown, width]);
  const seconds = Array.from({ length: Math.floor(shown.end_s) + 1 }, (_, k) => k);
  const here = across(clock.t_s);
  const change = changeAt(shown.plates, clock.t_s);
  return (
    <figure class="curves" ref={lane}>
      <svg
        class="curve"
        width={width}
        height={tall}
        role="img"
        aria-label={`Weight on the scales${hands.length ? " and how near hands came" : ""}`}
        onPointerDown={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          clock.set(((event.clientX - box.left) / box.width) * shown.end_s);
        }}
      >
        {seconds.map((s) => (
          <line key={s} class="grid" x1={across(s)} x2={across(s)} y1="0" y2={tall} />
        ))}
        <line class="zero" x1="0" x2={width} y1={drawn.zero} y2={drawn.zero} />
        <g class="over">
          <line class="moment" x1={across(shown.event_s)} x2={across(shown.event_s)} y1="0" y2={tall} />
          {drawn.hands.map((hand) => (
            <Hand key={hand.key} d={hand.d} slot={slotOf(hand.label)}>
              <circle cx={hand.x} cy={hand.y} r="8" />
              <text x={hand.x} y={hand.y + 4}>
                {letter(hand.label)}
              </text>
            </Hand>
          ))}
        </g>
        {drawn.plates.map((plate) => (
          <path key={plate.id} class="plate" d={plate.d} />
        ))}
        {!shown.plates.length && (
          <text class="small" x="8" y={TALL / 2}>
            No scale's readings were kept of this.
          </text>
        )}
        <line class="playhead" x1={here} x2={here} y1="0" y2={tall} />
      </svg>
      <input
        type="range"
        aria-label="Moment"
        aria-valuetext={`${clock.t_s.toFixed(2)} seconds${change === null ? "" : `, ${grams(change, true)}`}`}
        min={0}
        max={Math.round(shown.end_s * 1000)}
        step={10}
        value={Math.round(clock.t_s * 1000)}
        onInput={(event) => clock.set(Number(event.currentTarget.value) / 1000)}
      />
      <figcaption class="quiet">
        {shown.plates.length > 0 && (
          <>
            Weight on {plates(shown.plates.map((plate) => plate.id))}, <span class="number">{change === null ? "not read" : grams(change, true)}</span> by now
          </>
        )}
        {hands.length > 0 && (
          <span class="over">
            {" "}
            · hands below, nearest: {hands.map((hand) => `${hand.label} ${length(Math.min(...hand.distance_m))}`).join(", ")}
          </span>
        )}
      </figcaption>
    </figure>
  );
}

function Hand({ d, slot, children }: { d: string; slot: number; children: ComponentChildren }) {
  return (
    <g class={`hand-mark v${slot}`}>
      <path class="reach" d={d} />
      {children}
    </g>
  );
}
