import { type Clock, toTerminalText } from '@holdfast/kernel';
import { limits, type Progress } from '@holdfast/protocol';

/** The protocol asks for no more than about one report a second. */
const SEND_GAP_MS = 1_000;
/** A write is a flush of the disk, and only `status` reads it. */
const SAVE_GAP_MS = 5_000;

export interface ProgressSteps {
  /** The newest is kept until it is sent or followed by a newer one. `isTime`: the last one is long enough ago. */
  send(progress: Progress, isTime: boolean): void;
  /** For people at the device. */
  save(progress: Progress): void;
}

/** Takes every progress report of a handler, and passes on those worth sending. */
export function createProgressSieve(clock: Clock, steps: ProgressSteps): (progress: Progress) => void {
  let last: Progress = {};
  let sentAtMs = Number.NEGATIVE_INFINITY;
  let savedAtMs = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const next = advance(last, progress);
    if (next.percent === last.percent && next.text === last.text) return;
    last = next;
    const nowMs = clock.monotonic();
    const isTime = nowMs - sentAtMs >= SEND_GAP_MS;
    if (isTime) sentAtMs = nowMs;
    steps.send(next, isTime);
    if (nowMs - savedAtMs < SAVE_GAP_MS) return;
    savedAtMs = nowMs;
    steps.save(next);
  };
}

/** The progress after the next report: the percentage never goes back, the text is the newest, on one line. */
export function advance(last: Progress, { percent, text = last.text }: Progress): Progress {
  const given = percent === undefined || Number.isNaN(percent) ? 0 : Math.trunc(percent);
  const reached = Math.max(last.percent ?? 0, Math.min(100, given));
  const isKnown = last.percent !== undefined || (percent !== undefined && !Number.isNaN(percent));
  return {
    ...(isKnown ? { percent: reached } : {}),
    ...(text === undefined ? {} : { text: toTerminalText(text).slice(0, limits.maxProgressTextCharacters) }),
  };
}
