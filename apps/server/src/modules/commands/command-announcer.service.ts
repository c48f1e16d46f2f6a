import type { Database } from '../../platform/database/index.ts';
import type { LiveViews } from '../../platform/live/live-views.ts';
import { findTargetRows, type TargetRow } from './command-targets.store.ts';
import { toCommand, toCommandTarget } from './command-view.ts';
import { findCommandRows } from './commands.store.ts';

/** Up to this many products of one command are announced one by one in a turn; a view that shows more reloads when the counts change. */
const MAX_TARGETS_PER_COMMAND = 20;
const MAX_TARGETS_PER_TURN = 400;
const MAX_COMMANDS_PER_TURN = 200;

type Changes = readonly (readonly [commandId: string, products: ReadonlySet<number>])[];

/**
 * Tells open views what changed. Changes are collected here and sent in turns, so that a command at a hundred thousand
 * products costs a few events a second and not a hundred thousand. Invariant: what was noted is told, in this
 * turn or, when the turn is full or the database is away, in a later one.
 */
export class CommandAnnouncer {
  readonly #database: Database;
  readonly #live: LiveViews;
  readonly #isIdle: (productNumber: number) => boolean;
  readonly #changed = new Map<string, Set<number>>();

  /** @param isIdle whether a product is in idle hours now */
  constructor(database: Database, live: LiveViews, isIdle: (productNumber: number) => boolean) {
    this.#database = database;
    this.#live = live;
    this.#isIdle = isIdle;
  }

  /** After the commit. */
  note(commandId: string, productNumbers: Iterable<number> = []): void {
    const products = this.#changed.get(commandId) ?? new Set<number>();
    for (const productNumber of productNumbers) {
      if (products.size >= MAX_TARGETS_PER_COMMAND) break;
      products.add(productNumber);
    }
    this.#changed.set(commandId, products);
  }

  /** One turn: the present state of what changed since the last. */
  async announce(): Promise<void> {
    const turn = this.#takeTurn();
    if (turn.length === 0) return;
    try {
      await this.#tell(turn);
    } catch (error) {
      for (const [commandId, products] of turn) this.note(commandId, products);
      throw error;
    }
  }

  /** Whole commands only: for a command whose products were cut off, nobody could say which of them are meant. */
  #takeTurn(): Changes {
    const turn: (readonly [string, ReadonlySet<number>])[] = [];
    let targetCount = 0;
    for (const [commandId, products] of this.#changed) {
      targetCount += products.size;
      if (turn.length >= MAX_COMMANDS_PER_TURN || targetCount > MAX_TARGETS_PER_TURN) break;
      turn.push([commandId, products]);
    }
    for (const [commandId] of turn) this.#changed.delete(commandId);
    return turn;
  }

  /** Reads everything before it tells anything, so that a turn is told whole or not at all. */
  async #tell(turn: Changes): Promise<void> {
    const pairs = turn.flatMap(([commandId, products]) =>
      [...products].map((productNumber) => ({ commandId, productNumber })),
    );
    const ids = turn.map(([commandId]) => commandId);
    const targets = pairs.length === 0 ? [] : await findTargetRows(this.#database, pairs);
    const commands = await findCommandRows(this.#database, ids, null);
    const targetOf = new Map<string, TargetRow>(targets.map((row) => [row.commandId, row]));
    for (const row of targets) {
      const event = { type: 'command-target', target: toCommandTarget(row, this.#isIdle) } as const;
      this.#live.tell({ event, permission: 'commands:read', groupPath: row.groupPath ?? [] });
    }
    for (const row of commands) {
      // The counts of many products are for those who see all of them: an empty path is in nobody's scope.
      const path = row.counts.total === 1 ? targetOf.get(row.id)?.groupPath : null;
      this.#live.tell({
        event: { type: 'command', command: toCommand(row) },
        permission: 'commands:read',
        groupPath: path ?? [],
      });
    }
  }
}
