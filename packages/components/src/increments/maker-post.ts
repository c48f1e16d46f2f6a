import type { AppErrorOptions } from '@holdfast/kernel';
import { IncrementError } from './increments.errors.ts';
import type { MadeIncrement, MakeOptions } from './make-increment.ts';

/** What the thread that makes an increment is given. */
export type MakerTask = Pick<MakeOptions, 'oldFile' | 'newFile' | 'into' | 'memoryBound'>;

/** What it says. */
export type MakerPost =
  | { readonly kind: 'progress'; readonly part: number }
  | { readonly kind: 'made'; readonly made: MadeIncrement }
  | {
      readonly kind: 'refused';
      readonly code: IncrementError['code'];
      readonly message: string;
      readonly options: AppErrorOptions;
    };

/** An expected failure as it goes from one thread to another; anything else is not one, and ends the thread. */
export function toPost(error: unknown): MakerPost {
  if (!(error instanceof IncrementError)) throw error;
  const { code, message, facts, retry, remedy } = error;
  return {
    kind: 'refused',
    code,
    message,
    options: { facts, retry, ...(remedy === undefined ? {} : { remedy }) },
  };
}
