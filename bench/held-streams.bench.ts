import { setTimeout as delay } from 'node:timers/promises';
import { openStreams } from './held/open-streams.ts';
import { readMaxOpenFiles, readResidentBytes } from './process-figures.ts';
import { printFigures } from './report.ts';
import { startSubject } from './subject.ts';

// Streams of notifications that products keep open over TLS: memory and processor time of the server for each, beside the
// runtime's own HTTPS server with an answer that stays open. One process each, a fresh one; a first hundred warm it up.
//
// npm run bench -- held-streams [COUNT]

const count = Number(process.argv.slice(2).find((text) => /^\d+$/.test(text)) ?? 10_000);
const warmUp = 100;
/** Open files of a process beside its streams. */
const otherFiles = 200;
const settleMs = 5_000;
/** One round of quiet notifications. */
const roundMs = 50_000;

interface Measured {
  readonly kibEach: number;
  readonly openedPerSecond: number;
  readonly cpuUsEachPerMinute: number;
}

/** @param isQuietCounted whether the rounds of quiet notifications are waited for */
async function measure(file: string, isQuietCounted: boolean): Promise<Measured> {
  const subject = await startSubject(file);
  try {
    const pid = Number(subject.facts['pid']);
    const first = await openStreams(subject.port, { first: 1, count: warmUp });
    await delay(settleMs);
    const before = await readResidentBytes(pid);
    const rest = await openStreams(subject.port, { first: warmUp + 1, count });
    await delay(settleMs);
    const after = await readResidentBytes(pid);
    const cpuBefore = await subject.cpuUs();
    if (isQuietCounted) await delay(roundMs);
    const cpuUs = (await subject.cpuUs()) - cpuBefore;
    first.close();
    rest.close();
    return {
      kibEach: (after - before) / count / 1_024,
      openedPerSecond: count / (rest.tookMs / 1_000),
      cpuUsEachPerMinute: (cpuUs / (count + warmUp)) * (60_000 / roundMs),
    };
  } finally {
    await subject.stop();
  }
}

const maxFiles = await readMaxOpenFiles();
if (count + warmUp + otherFiles > maxFiles) {
  throw new Error(
    `${count} streams need more open files than the ${maxFiles} that a process may have here: raise "ulimit -n".`,
  );
}
const bare = await measure('./held/bare.subject.ts', false);
const ours = await measure('./held/stream.subject.ts', true);
printFigures(`${count} held streams over TLS`, [
  { name: 'bare HTTPS server, resident memory', value: bare.kibEach, unit: 'KiB each' },
  { name: 'held streams, resident memory', value: ours.kibEach, unit: 'KiB each' },
  { name: 'bare HTTPS server, opened', value: bare.openedPerSecond, unit: '/s' },
  { name: 'held streams, opened', value: ours.openedPerSecond, unit: '/s' },
  { name: 'held streams, processor time', value: ours.cpuUsEachPerMinute, unit: 'µs each a minute' },
]);
