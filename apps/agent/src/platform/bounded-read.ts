/** Reads, or answers `undefined` when that takes too long or fails. */
export type BoundedRead = <Value>(read: () => Promise<Value>) => Promise<Value | undefined>;

/**
 * For questions to file systems and devices, which may hang for ever: a network mount whose server is gone, a disk that dies. The
 * operating system does not let go of such a call, and it keeps one of the runtime's few threads. So while one is late,
 * nothing else is asked; when it comes back after all, questions are asked again.
 */
export function createBoundedRead(limitMs: number): BoundedRead {
  let lateCount = 0;
  return <Value>(read: () => Promise<Value>) => {
    if (lateCount > 0) return Promise.resolve(undefined);
    return new Promise<Value | undefined>((resolve) => {
      let isLate = false;
      const limit = setTimeout(() => {
        isLate = true;
        lateCount++;
        resolve(undefined);
      }, limitMs);
      const settle = (value: Value | undefined): void => {
        clearTimeout(limit);
        if (isLate) lateCount--;
        resolve(value);
      };
      read().then(settle, () => settle(undefined));
    });
  };
}
