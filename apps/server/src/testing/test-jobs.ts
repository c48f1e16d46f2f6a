import type { Jobs } from '../platform/jobs/jobs.ts';

/** Jobs that run when a test says so. */
export interface TestJobs extends Jobs {
  readonly names: readonly string[];
  run(name: string): Promise<void>;
}

export function createTestJobs(): TestJobs {
  const works = new Map<string, () => Promise<void>>();
  return {
    get names() {
      return [...works.keys()];
    },
    every(name, _intervalMs, work) {
      works.set(name, work);
    },
    async run(name) {
      const work = works.get(name);
      if (work === undefined)
        throw new Error(`There is no job ${name}; there are ${[...works.keys()].join(', ')}`);
      await work();
    },
    async stop() {},
  };
}
