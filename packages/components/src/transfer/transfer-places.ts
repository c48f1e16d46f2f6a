import { type FileServerLimits, smallFileBytes } from './file-server-limits.ts';

/** Why there is no place: the caller has its own, or all are taken. */
export type NoPlace = 'caller-full' | 'all-full';

/** Who is sent a file at this moment. */
export interface TransferPlaces {
  /** @returns gives the place back, once; or why there is none */
  take(caller: string, bytes: number): (() => void) | NoPlace;
  readonly taken: number;
}

export function createTransferPlaces({
  maxAtOnce,
  maxOfCaller,
  maxSmallAtOnce,
}: Pick<FileServerLimits, 'maxAtOnce' | 'maxOfCaller' | 'maxSmallAtOnce'>): TransferPlaces {
  const callers = new Map<string, number>();
  let large = 0;
  let small = 0;

  return {
    get taken() {
      return large + small;
    },
    take(caller, bytes) {
      if (bytes <= smallFileBytes) {
        if (small >= maxSmallAtOnce) return 'all-full';
        small += 1;
        return once(() => void (small -= 1));
      }
      const own = callers.get(caller) ?? 0;
      if (own >= maxOfCaller) return 'caller-full';
      if (large >= maxAtOnce) return 'all-full';
      large += 1;
      callers.set(caller, own + 1);
      return once(() => {
        large -= 1;
        const left = (callers.get(caller) ?? 0) - 1;
        if (left > 0) callers.set(caller, left);
        else callers.delete(caller);
      });
    },
  };
}

function once(leave: () => void): () => void {
  let isBack = false;
  return () => {
    if (isBack) return;
    isBack = true;
    leave();
  };
}
