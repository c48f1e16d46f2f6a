import { setImmediate } from 'node:timers/promises';
import type { ApplyInput } from '../encoding.ts';
import { damagedIncrement } from '../increments.errors.ts';
import { createBitDecoder, PADDING_BYTES } from './bit-coder.ts';
import { createDifference } from './difference.ts';
import { MAX_SETTINGS_BYTES, parseSettings } from './difference-settings.ts';
import { createOldPages } from './old-pages.ts';

const CHUNK_BYTES = 64 * 1024;
/** What lies between two pauses takes less, whatever it is. */
const MIN_LEFT_BYTES = 16 * 1024;
/** After so many pauses others get their turn: a few hundredths of a second. */
const PAUSES_A_TURN = 16;

export async function applyCopyAdd(input: ApplyInput): Promise<void> {
  const payloadLength = input.payloadTo - input.payloadFrom;
  const head = await input.readPayload(0, Math.min(MAX_SETTINGS_BYTES, payloadLength));
  const settings = parseSettings(head);
  let at = settings.length;
  const readChunk = async (): Promise<Uint8Array> => {
    const chunk = await input.readPayload(at, Math.min(CHUNK_BYTES, payloadLength - at));
    at += chunk.length;
    return chunk;
  };
  const coder = createBitDecoder(await readChunk());
  let pauses = 0;
  const difference = createDifference({
    coder,
    pages: createOldPages(input.old, input.oldLength),
    settings,
    resultLength: input.resultLength,
    async pause() {
      if (++pauses % PAUSES_A_TURN === 0) {
        await setImmediate();
        input.signal?.throwIfAborted();
      }
      if (coder.padding > PADDING_BYTES) throw damagedIncrement('it is cut short');
      if (coder.left < MIN_LEFT_BYTES && at < payloadLength) coder.feed(await readChunk());
    },
    emit: input.write,
  });
  while (difference.done < input.resultLength) await difference.step();
  await difference.flush();
  const isWhole = at === payloadLength && coder.left === 0 && coder.padding === PADDING_BYTES;
  if (!isWhole) throw damagedIncrement('it is longer or shorter than what it yields');
}
