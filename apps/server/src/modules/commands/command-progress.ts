import { toTerminalText } from '@holdfast/kernel';
import { limits, type Progress } from '@holdfast/protocol';

/** How far a product last said that it is with a command. */
export interface StoredProgress {
  /** Null while nobody can tell. */
  readonly percent: number | null;
  readonly text: string;
  /** When it was said, by the server's clock. */
  readonly atMs: number;
}

/**
 * The progress after a report of a product; unchanged where the report is older than what is known. Invariant: the
 * percentage never goes back, and an older text never takes the place of a newer one.
 */
export function mergeProgress(
  known: StoredProgress | null,
  told: Progress,
  toldAtMs: number,
): StoredProgress | null {
  const percent = told.percent ?? known?.percent ?? null;
  // One line, without control characters or marks that change the direction of writing.
  const text = toTerminalText((told.text ?? '').slice(0, limits.maxProgressTextCharacters)).toWellFormed();
  if (known === null) return { percent, text, atMs: toldAtMs };
  const isFurther = (percent ?? -1) > (known.percent ?? -1);
  const isBack = (percent ?? -1) < (known.percent ?? -1);
  if (isBack || (!isFurther && toldAtMs < known.atMs)) return known;
  if (percent === known.percent && text === known.text) return known;
  return { percent, text, atMs: Math.max(toldAtMs, known.atMs) };
}
