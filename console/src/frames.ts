/** Frame arithmetic: which frame of which clip stands at an instant, and how to ask a browser for exactly that one.

All instants are seconds from the start of what a question shows. Cameras lose frames, so a clip may say each frame's
own instant; without that its frames come at a constant rate. A frame stands until the next one. A browser rounds the
time that it is asked for, and a frame's own instant is the border to the one before; so a frame is asked for in its
middle, where rounding does no harm. */

export interface Clip {
  /** Start within what is shown, s. */
  start_s: number;
  /** Frames a second, where they are even; else on average. */
  rate: number;
  frames: number;
  /** Each frame's instant after the clip's start, s, rising from 0. */
  at_s?: readonly number[];
}

/** A time is on a border between two frames if it lies this close to it: in frames, or in seconds where they are uneven. */
const BORDER = 1e-4;

/** How long a clip is, s. */
export function lasts(clip: Clip): number {
  return clip.at_s ? begins(clip, clip.frames - 1) + 1 / clip.rate : clip.frames / clip.rate;
}

/** When a frame begins, after the clip's start, s. */
export function begins(clip: Clip, frame: number): number {
  return clip.at_s ? (clip.at_s[frame] ?? 0) : frame / clip.rate;
}

/** The frame that stands at an instant; the first before the clip, the last after it. */
export function frameAt(clip: Clip, t_s: number): number {
  const after = t_s - clip.start_s;
  const last = Math.max(0, clip.frames - 1);
  if (!clip.at_s) return Math.min(last, Math.max(0, Math.floor(after * clip.rate + BORDER)));
  let [low, high] = [0, last];
  while (low < high) {
    const half = Math.ceil((low + high) / 2);
    if (clip.at_s[half]! <= after + BORDER) low = half;
    else high = half - 1;
  }
  return low;
}

/** What to set a video's `currentTime` to, so that it shows this frame: its middle. */
export function seekTime(clip: Clip, frame: number): number {
  const from = begins(clip, frame);
  return (from + (frame + 1 < clip.frames ? begins(clip, frame + 1) : from + 1 / clip.rate)) / 2;
}

/** The middle of a frame on the common clock. */
export function middle(clip: Clip, frame: number): number {
  return clip.start_s + seekTime(clip, frame);
}

/** The frame that a video shows which says that it stands at `current_s`. */
export function shownFrame(clip: Clip, current_s: number): number {
  return frameAt({ ...clip, start_s: 0 }, current_s);
}

/** Whether a clip has a picture of this instant at all. */
export function covers(clip: Clip, t_s: number): boolean {
  return t_s >= clip.start_s - BORDER && t_s < clip.start_s + lasts(clip) + BORDER;
}

/** The clip with the most frames a second: its frames are the steps of the common clock. */
export function finest(clips: readonly Clip[]): Clip | null {
  return clips.reduce<Clip | null>((best, clip) => (best === null || clip.rate > best.rate ? clip : best), null);
}

/** So many frames on (or back) from an instant, by the finest clip; `still_s` is the step where there is no clip.
    Before the first frame and past the last one, steps of the same length go on to the ends. */
export function stepped(clips: readonly Clip[], t_s: number, by: number, end_s: number, still_s = 0.1): number {
  const clip = finest(clips);
  const to = clip && covers(clip, t_s) ? frameAt(clip, t_s) + by : null;
  if (clip && to !== null && to >= 0 && to < clip.frames) return middle(clip, to);
  return Math.min(end_s, Math.max(0, t_s + by * (clip ? 1 / clip.rate : still_s)));
}

/** The next instant of a list after (or before) this one; the end or the start where there is none. */
export function jumped(marks: readonly number[], t_s: number, way: 1 | -1, end_s: number): number {
  const ahead = marks.filter((mark) => (way > 0 ? mark > t_s + 1e-3 : mark < t_s - 1e-3));
  if (!ahead.length) return way > 0 ? end_s : 0;
  return way > 0 ? Math.min(...ahead) : Math.max(...ahead);
}

/** Whether a playing video has run away from the common clock by more than a frame and has to be set again. */
export function astray(clip: Clip, current_s: number, t_s: number): boolean {
  const wanted = Math.min(Math.max(0, t_s - clip.start_s), lasts(clip));
  return Math.abs(current_s - wanted) > Math.max(0.12, 1.5 / clip.rate);
}
