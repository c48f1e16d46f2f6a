import type { TickOutcome, Ticks } from './ticks.ts';

/** Ticks that run when a test says so. */
export interface TestTicks extends Ticks {
  readonly names: readonly string[];
  /** Whose next turn somebody asked for, in the order of asking. */
  readonly woken: readonly string[];
  run(name: string): Promise<void>;
}

export function createTestTicks(): TestTicks {
  const works = new Map<string, () => Promise<TickOutcome>>();
  const woken: string[] = [];
  return {
    woken,
    get names() {
      return [...works.keys()];
    },
    every(name, _intervalMs, work) {
      works.set(name, work);
      return { wake: () => void woken.push(name) };
    },
    async run(name) {
      const work = works.get(name);
      if (work === undefined)
        throw new Error(`There is no tick ${name}; there are ${[...works.keys()].join(', ')}`);
      await work();
    },
    async stop() {},
  };
}
