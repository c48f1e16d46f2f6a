/** What the server says about the build of the console that is open. */
export type BuildAnswer =
  /** No answer, or one that says "later". */
  | 'away'
  /** It serves the build that is open. */
  | 'same'
  /** It serves another one, and has nothing of this one any more. */
  | 'replaced';

/** The open console and the server do not belong together any more: only a reload helps. */
export class ConsoleReplacedError extends Error {
  override readonly name = 'ConsoleReplacedError';
}

/**
 * Loads the parts of the console that come late: pages, dialogs, texts. A server that does not answer is waited for, so that a part
 * which was asked for meanwhile comes by itself; whether it is waited for can be seen, for whoever looks at an empty place.
 */
export interface LateLoader {
  /**
   * @throws ConsoleReplacedError when the server has another console by now; what `fetchPart` throws, when the server serves the
   *   part and it cannot be loaded all the same
   */
  load<Part>(fetchPart: () => Promise<Part>): Promise<Part>;
  /** Resolves when the server answers. */
  waitForServer(): Promise<Exclude<BuildAnswer, 'away'>>;
  readonly isWaiting: () => boolean;
  readonly subscribe: (listener: () => void) => () => void;
}

export interface LateLoaderOptions {
  readonly askBuild: () => Promise<BuildAnswer>;
  readonly wait: (ms: number) => Promise<void>;
  /** Puts right what the browser remembers of a part that did not come. */
  readonly mend: () => Promise<void>;
}

/** Before the wait is shown although nothing has failed yet: a lost network answers nothing, for minutes. */
const slowMs = 4_000;
const waitsMs: readonly number[] = [1_000, 1_000, 2_000, 3_000];
const longestWaitMs = 5_000;
/** Of a part that the server serves. */
const maxFailures = 3;

export function createLateLoader({ askBuild, wait, mend }: LateLoaderOptions): LateLoader {
  const listeners = new Set<() => void>();
  let isWaiting = false;
  let search: Promise<Exclude<BuildAnswer, 'away'>> | undefined;

  const setWaiting = (next: boolean): void => {
    if (next === isWaiting) return;
    isWaiting = next;
    for (const listener of listeners) listener();
  };

  const lookForServer = async (): Promise<Exclude<BuildAnswer, 'away'>> => {
    try {
      for (let attempt = 0; ; attempt += 1) {
        const answer = await askBuild();
        if (answer !== 'away') return answer;
        setWaiting(true);
        await wait(waitsMs[attempt] ?? longestWaitMs);
      }
    } finally {
      search = undefined;
      setWaiting(false);
    }
  };
  // All parts wait for the same server.
  const waitForServer = (): Promise<Exclude<BuildAnswer, 'away'>> => (search ??= lookForServer());

  /** A part on its way for long is no failure; it is only looked whether the server is there at all. */
  const watchSlow = async (isOver: () => boolean): Promise<void> => {
    await wait(slowMs);
    if (!isOver()) await waitForServer();
  };

  return {
    load: async (fetchPart) => {
      let isOver = false;
      void watchSlow(() => isOver);
      try {
        for (let failures = 1; ; failures += 1) {
          try {
            return await fetchPart();
          } catch (error) {
            const answer = await waitForServer();
            if (answer === 'replaced')
              throw new ConsoleReplacedError('The server has another console by now.', { cause: error });
            if (failures >= maxFailures) throw error;
            await mend();
          }
        }
      } finally {
        isOver = true;
      }
    },
    waitForServer,
    isWaiting: () => isWaiting,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
