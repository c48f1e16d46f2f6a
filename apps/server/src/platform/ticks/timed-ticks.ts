import type { Logger } from 'pino';
import { isTransientDatabaseError } from '../database/sql-state.ts';
import type { TickOutcome, Ticks } from './ticks.ts';

export interface TimedTicksOptions {
  readonly log: Logger;
  /** Resolves when the database answers again; asked after a turn that failed because it was away. */
  readonly waitForDatabase: (signal: AbortSignal) => Promise<void>;
  /** 0 to 1; spreads the turns of many servers and many ticks. */
  readonly random?: () => number;
}

const JITTER = 0.1;
// The first turn comes early, so that what gathered while the server was down is not left for a whole interval.
const MAX_FIRST_DELAY_MS = 5_000;

/** Runs ticks by timers of this process. */
export function createTimedTicks(options: TimedTicksOptions): Ticks {
  const { log } = options;
  const random = options.random ?? Math.random;
  const stopping = new AbortController();
  const loops: Promise<void>[] = [];

  async function runLoop(
    name: string,
    { intervalMs, restMs }: { readonly intervalMs: number; readonly restMs: number },
    work: () => Promise<TickOutcome>,
    pause: Pause,
  ): Promise<void> {
    const { signal } = stopping;
    await pause.last(Math.min(intervalMs, MAX_FIRST_DELAY_MS) * random());
    while (!signal.aborted) {
      let outcome: TickOutcome = undefined;
      try {
        outcome = await work();
      } catch (error) {
        if (isTransientDatabaseError(error)) {
          log.warn({ err: error, tick: name }, 'a tick waits for the database');
          await options.waitForDatabase(signal).catch(() => {}); // Ends early only when the server stops.
        } else {
          log.error({ err: error, tick: name }, 'a tick failed; its next turn comes as usual');
        }
      }
      await pause.last((outcome === 'rest' ? restMs : intervalMs) * (1 + JITTER * (2 * random() - 1)));
    }
  }

  return {
    every(name, intervalMs, work, { restMs = intervalMs } = {}) {
      if (!(intervalMs > 0)) throw new RangeError(`"intervalMs" expected more than 0, got ${intervalMs}`);
      const pause = new Pause(stopping.signal);
      if (!stopping.signal.aborted) loops.push(runLoop(name, { intervalMs, restMs }, work, pause));
      return { wake: () => pause.end() };
    },
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

/** The time between two turns. Whoever ends it while there is none ends the next one; when the server stops there is none. */
class Pause {
  #isEnded = false;
  #end: (() => void) | undefined;
  readonly #stopping: AbortSignal;

  constructor(stopping: AbortSignal) {
    this.#stopping = stopping;
    stopping.addEventListener('abort', () => this.end(), { once: true });
  }

  async last(ms: number): Promise<void> {
    if (!this.#isEnded && !this.#stopping.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms).unref();
        this.#end = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#isEnded = false;
    this.#end = undefined;
  }

  end(): void {
    this.#isEnded = true;
    this.#end?.();
  }
}
