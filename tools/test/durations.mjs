import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const pathOf = (place) => join(place.root, '.cache', 'test-durations.json');

/** How many milliseconds each test file took when it ran last, as far as this clone knows. */
export function readDurations(place) {
  try {
    return new Map(Object.entries(JSON.parse(readFileSync(pathOf(place), 'utf8'))));
  } catch {
    // A new clone, or a file that was cut off: the order of a run is all that depends on it.
    return new Map();
  }
}

/** Adds what a run has measured, and forgets files that are gone. */
export function writeDurations(place, outcomes, existing) {
  const durations = readDurations(place);
  for (const { file, durationMs } of outcomes) durations.set(file, Math.round(durationMs));
  const kept = [...durations].filter(([file]) => existing.has(file)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const path = pathOf(place);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, `${JSON.stringify(Object.fromEntries(kept), undefined, 2)}\n`);
  renameSync(`${path}.${process.pid}`, path);
}

/** The longest first, so that none is left over at the end; files that were never measured before all others. */
export function sortLongestFirst(files, durations) {
  return files.toSorted(
    (a, b) => (durations.get(b.path) ?? Infinity) - (durations.get(a.path) ?? Infinity) || b.size - a.size,
  );
}
