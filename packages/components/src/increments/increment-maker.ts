import { rm } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { IncrementError } from './increments.errors.ts';
import { type MadeIncrement, type MakeOptions, workingFiles } from './make-increment.ts';
import type { MakerPost, MakerTask } from './maker-post.ts';

/** For lists of matches; the bytes of the files lie outside of this heap. */
const MAX_HEAP_MB = 1024;

export interface IncrementMaker {
  /** As `makeIncrement`, in a thread of its own. Abort ends the thread at once, and nothing is left of the work. */
  make(options: MakeOptions): Promise<MadeIncrement>;
}

/** Makes increments one after the other, however many are asked for at once, so that the bound on memory is one for all. */
export function createIncrementMaker(): IncrementMaker {
  let last: Promise<unknown> = Promise.resolve();
  return {
    make(options) {
      const made = last.then(() => makeInThread(options));
      // The next one begins however this one ends; who asked for it hears of that.
      last = made.catch(() => undefined);
      return made;
    },
  };
}

async function makeInThread(options: MakeOptions): Promise<MadeIncrement> {
  const { oldFile, newFile, into, memoryBound, onProgress, signal } = options;
  signal?.throwIfAborted();
  const task: MakerTask = { oldFile, newFile, into, ...(memoryBound === undefined ? {} : { memoryBound }) };
  const thread = new Worker(new URL('./increment-maker.main.ts', import.meta.url), {
    name: 'increment-maker',
    workerData: task,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  const abort = (): void => void thread.terminate();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const end = await new Promise<MakerPost>((resolve, reject) => {
      let end: MakerPost | undefined;
      thread.on('message', (post: MakerPost) => {
        if (post.kind === 'progress') onProgress?.(post.part);
        else end = post;
      });
      thread.once('error', reject);
      thread.once('exit', () => {
        if (end === undefined) reject(new Error('The thread that makes an increment ended without a word.'));
        else resolve(end);
      });
    });
    if (end.kind === 'made') return end.made;
    if (end.kind === 'refused') throw new IncrementError(end.code, end.message, end.options);
    throw new Error('expected: the end of the work');
  } catch (error) {
    await Promise.all(workingFiles(into).map((path) => rm(path, { force: true })));
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
