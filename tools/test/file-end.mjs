import { readProcessorMs } from './processor-time.mjs';

let isFileOver = false;
let endRun;
let countedMs = 0;

/** What was worked since it was asked last. */
function countWork() {
  const nowMs = readProcessorMs();
  const workedMs = nowMs - countedMs;
  countedMs = nowMs;
  return workedMs;
}

/** Nothing keeps this process alive any more. */
function onNothingOpen() {
  if (!isFileOver || !process.connected) {
    endRun();
    return;
  }
  isFileOver = false;
  process.channel.ref();
  process.send({ kind: 'over', code: Number(process.exitCode ?? 0), workedMs: countWork() });
  process.exitCode = undefined;
}

/** Between two files there is nothing to do, which node:test would take for the end of the run: it is told only at the end. */
export function keepRunOpen() {
  if (endRun !== undefined) return;
  [endRun] = process.listeners('beforeExit');
  process.off('beforeExit', endRun).on('beforeExit', onNothingOpen);
}

/** All tests of the file have ended. It is over when nothing that it opened keeps the process alive, which may be never. */
export function awaitFileEnd() {
  isFileOver = true;
  process.channel?.unref();
}
