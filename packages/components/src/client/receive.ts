import { AppError } from '@holdfast/kernel';
import { ComponentError } from '../component.errors.ts';
import type { FileSource, Pace } from './file-source.ts';

export const defaultPace: Pace = { windowMs: 30_000, leastBytes: 32 * 1024 };

export interface Receiving {
  readonly from: number;
  /** Bytes that are wanted at most. */
  readonly limit: number;
  readonly pace: Pace;
  readonly signal: AbortSignal;
}

const late = Symbol('late');

/**
 * Reads a file of a source and hands its pieces on, in order, one at a time. The source is not trusted to keep to the limit,
 * to answer, or to go on: an endless one is left after `limit` bytes, a slow one by the pace. Only waiting for the source
 * counts, not what `take` does.
 *
 * @returns what came of it; with `too-long`, `limit` bytes have been taken and there was more
 * @throws ComponentError SOURCE_UNREACHABLE, SOURCE_REFUSED, SOURCE_SLOW; the reason of `signal`; what `take` throws
 */
export async function receive(
  source: FileSource,
  path: string,
  { from, limit, pace: usual, signal }: Receiving,
  take: (piece: Uint8Array) => void | Promise<void>,
): Promise<'whole' | 'missing' | 'too-long'> {
  const pace = source.pace ?? usual;
  signal.throwIfAborted();
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  let iterator: AsyncIterator<Uint8Array> | undefined;
  try {
    let waitedMs = 0;
    let windowBytes = 0;
    /** Waits for the source, window after window, as long as enough comes in each. */
    const wait = async <Value>(promise: Promise<Value>): Promise<Value> => {
      for (;;) {
        const startedAt = performance.now();
        const result = await within(promise, pace.windowMs - waitedMs, signal);
        waitedMs += performance.now() - startedAt;
        if (waitedMs >= pace.windowMs) {
          if (windowBytes < pace.leastBytes) throw tooSlow(source);
          waitedMs = 0;
          windowBytes = 0;
        }
        if (result !== late) return result;
      }
    };
    const opened = await wait(source.open(path, { from, limit, signal: either }));
    if (opened === undefined) return 'missing';
    iterator = opened[Symbol.asyncIterator]();
    let left = limit;
    for (;;) {
      const step = await wait(iterator.next());
      if (step.done === true) {
        iterator = undefined;
        return 'whole';
      }
      windowBytes += step.value.length;
      const isTooLong = step.value.length > left;
      const piece = isTooLong ? step.value.subarray(0, left) : step.value;
      left -= piece.length;
      if (piece.length > 0) await take(piece);
      if (isTooLong) return 'too-long';
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    ended.abort();
    // A source that hangs does not hear of its end; nobody waits for it.
    iterator?.return?.().catch(() => {});
  }
}

async function within<Value>(
  promise: Promise<Value>,
  ms: number,
  signal: AbortSignal,
): Promise<Value | typeof late> {
  signal.throwIfAborted();
  const { promise: ended, resolve, reject } = Promise.withResolvers<typeof late>();
  const timer = setTimeout(resolve, Math.max(0, ms), late);
  const stop = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([promise.catch(throwSourceError), ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

function throwSourceError(error: unknown): never {
  if (error instanceof ComponentError) throw error;
  // What another kind of source says of its failure goes on, whatever its codes are.
  const said = error instanceof AppError ? error : undefined;
  throw new ComponentError('SOURCE_UNREACHABLE', said?.message ?? 'The source broke off.', {
    cause: error,
    retry: said?.retry ?? 'safe',
    facts: said === undefined ? {} : { reason: said.code },
    ...(said?.remedy === undefined ? {} : { remedy: said.remedy }),
  });
}

function tooSlow({ name }: FileSource): ComponentError {
  return new ComponentError('SOURCE_SLOW', `${name} sends too little, or nothing at all.`, {
    retry: 'safe',
    facts: { source: name },
  });
}
