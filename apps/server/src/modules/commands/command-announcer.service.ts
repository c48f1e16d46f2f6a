import type { Bus } from '../../platform/bus/bus.ts';
import type { Database } from '../../platform/database/index.ts';
import { findTargetRows } from './command-targets.store.ts';
import { toCommand, toCommandTarget } from './command-view.ts';
import { findCommandRows } from './commands.store.ts';

/** So many products of one command are told one by one in a turn; whoever shows more asks again when the counts move. */
const MAX_TARGETS_PER_COMMAND = 20;
const MAX_TARGETS_PER_TURN = 400;
const MAX_COMMANDS_PER_TURN = 200;

/**
 * Tells open views what changed. Work by work gathers here and goes out in turns, so that a command at a hundred
 * thousand products costs a few events a second and not a hundred thousand.
 */
export class CommandAnnouncer {
  readonly #database: Database;
  readonly #bus: Bus;
  readonly #changed = new Map<string, Set<number>>();

  constructor(database: Database, bus: Bus) {
    this.#database = database;
    this.#bus = bus;
  }

  /** After the commit. */
  note(commandId: string, productNumbers: readonly number[] = []): void {
    const products = this.#changed.get(commandId) ?? new Set<number>();
    for (const productNumber of productNumbers) {
      if (products.size >= MAX_TARGETS_PER_COMMAND) break;
      products.add(productNumber);
    }
    this.#changed.set(commandId, products);
  }

  /** One turn: the present state of what changed since the last. */
  async announce(): Promise<void> {
    const turn = [...this.#changed].slice(0, MAX_COMMANDS_PER_TURN);
    if (turn.length === 0) return;
    for (const [commandId] of turn) this.#changed.delete(commandId);
    const pairs = turn
      .flatMap(([commandId, products]) =>
        [...products].map((productNumber) => ({ commandId, productNumber })),
      )
      .slice(0, MAX_TARGETS_PER_TURN);
    const targets = pairs.length === 0 ? [] : await findTargetRows(this.#database, pairs);
    const commands = await findCommandRows(
      this.#database,
      turn.map(([commandId]) => commandId),
      null,
    );
    for (const row of targets) {
      const event = { type: 'command-target', target: toCommandTarget(row) } as const;
      this.#bus.publish({ event, permission: 'commands:read', groupPath: row.groupPath ?? [] });
    }
    for (const row of commands) {
      const path =
        row.counts.total === 1 ? targets.find((target) => target.commandId === row.id)?.groupPath : null;
      // The counts of many groups are for those who see all of them: an empty path lies in nobody's part.
      this.#bus.publish({
        event: { type: 'command', command: toCommand(row) },
        permission: 'commands:read',
        groupPath: path ?? [],
      });
    }
  }
}
