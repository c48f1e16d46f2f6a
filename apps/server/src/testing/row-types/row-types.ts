import type pg from 'pg';
import { createDescribingDatabase } from './describing-database.ts';
import { createCallMaker, createChoices } from './made-values.ts';
import { createRowComparison } from './row-comparison.ts';
import { readSqlSources } from './written-sql.ts';

/** How often each function is called, with other arguments each time, so that its branches are taken. */
const ROUNDS = 24;

export interface RowTypeOptions {
  /** Folder of the sources. */
  readonly root: URL;
  /** By path below it: which files count. */
  readonly isMeant: (path: string) => boolean;
  /** Parts of messages with which PostgreSQL may refuse a statement because of what was made up. */
  readonly tolerated?: readonly string[];
}

export interface RowTypeReport {
  /** How many statements and typed expressions there are. */
  readonly count: number;
  /** Sentences, each with its place. */
  readonly faults: readonly string[];
}

/**
 * Compares what the source says of the results of its SQL with what PostgreSQL says of them. Every function of the
 * stores is called with made-up arguments on a database that describes statements and executes none.
 *
 * @param client of a migrated database
 */
export async function checkRowTypes(client: pg.Client, options: RowTypeOptions): Promise<RowTypeReport> {
  using sources = readSqlSources(options.root, options.isMeant);
  const choose = createChoices(1);
  const comparison = createRowComparison(sources.written, options.tolerated ?? []);
  const describing = createDescribingDatabase(client, choose, (described) => comparison.note(described));
  const callOf = createCallMaker(sources.checker, describing.db, choose);
  for (const file of new Set(sources.written.map((one) => one.file))) {
    const exported = (await import(file)) as Record<string, unknown>;
    for (const [name, type] of sources.exportsOf(file)) {
      const call = callOf(type);
      // Beside stores, only what is given a database: nothing else is to be opened by this.
      if (call === undefined || !(file.endsWith('.store.ts') || call.takesDatabase)) continue;
      const methods = call.methods.map((method) => ({ name: method.name, call: callOf(method.type) }));
      for (let round = 0; round < ROUNDS; round += 1) {
        describing.begin();
        const made = await attempt(() => call.run(exported[name]));
        if (made === null || typeof made !== 'object') continue;
        for (const method of methods) {
          const callee = (made as Record<string, unknown>)[method.name];
          if (typeof callee === 'function') await attempt(() => method.call?.run(callee.bind(made)));
        }
      }
    }
  }
  return { count: sources.written.length, faults: comparison.listFaults() };
}

/** What is made up is often refused: statements count, results do not. */
async function attempt(work: () => Promise<unknown> | undefined): Promise<unknown> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}
