import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'node:test';
import type { FileSource } from './file-source.ts';
import { receive } from './receive.ts';

const pace = { windowMs: 20, leastBytes: 1 };
const { signal } = new AbortController();

/** Says nothing for some windows, then gives all at once. */
const waiting: FileSource = {
  name: 'one that waits for another',
  open: async () => {
    await pause(5 * pace.windowMs);
    return (async function* () {
      yield Buffer.from('all');
    })();
  },
};

test('a source that says nothing is given up by the usual pace, unless it has one of its own', async () => {
  const read = async (source: FileSource): Promise<string> => {
    const pieces: Uint8Array[] = [];
    await receive(source, 'a', { from: 0, limit: 10, pace, signal }, (piece) => void pieces.push(piece));
    return Buffer.concat(pieces).toString();
  };
  await assert.rejects(read(waiting), { code: 'SOURCE_SLOW' });
  assert.equal(await read({ ...waiting, pace: { windowMs: 60_000, leastBytes: 1 } }), 'all');
});
