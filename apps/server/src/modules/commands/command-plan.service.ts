import type { CommandPlan } from '@holdfast/api';
import { type Actor, requirePermission } from '../../platform/access/actor.ts';
import { inTransaction, type Transaction } from '../../platform/database/index.ts';
import type { Platform } from '../../platform/platform.ts';
import type { CommandDirectory, IssueInput } from './commands.service.ts';

/** Of presence: idle hours of a product's group. */
export interface IdleHours {
  /** When they end, while they last: infinity when they never do. */
  idleUntil(productNumber: number): number | undefined;
}

/** Says what would become of an order before it is given. */
export class CommandPlanning {
  readonly #database: Platform['database'];
  readonly #directory: CommandDirectory;
  readonly #hours: IdleHours;

  constructor(database: Platform['database'], directory: CommandDirectory, hours: IdleHours) {
    this.#database = database;
    this.#directory = directory;
    this.#hours = hours;
  }

  /** @throws AccessError PERMISSION_DENIED; of the directory DEVICE_NOT_FOUND, GROUP_NOT_FOUND */
  async plan(actor: Actor, targets: IssueInput['targets']): Promise<CommandPlan> {
    requirePermission(actor, 'commands:issue');
    const numbers = await inTransaction(this.#database, (transaction) =>
      this.#select(transaction, actor, targets),
    );
    const devicesByEnd = new Map<number, number>();
    for (const number of numbers) {
      const endMs = this.#hours.idleUntil(number);
      if (endMs !== undefined) devicesByEnd.set(endMs, (devicesByEnd.get(endMs) ?? 0) + 1);
    }
    return {
      deviceCount: numbers.length,
      waits: [...devicesByEnd]
        .toSorted(([first], [second]) => (first < second ? -1 : 1))
        .map(([endMs, devices]) => ({
          hoursBeginAt: Number.isFinite(endMs) ? new Date(endMs).toISOString() : null,
          devices,
        })),
    };
  }

  async #select(
    transaction: Transaction,
    actor: Actor,
    targets: IssueInput['targets'],
  ): Promise<readonly number[]> {
    if ('filter' in targets) {
      return await this.#directory.selectProductNumbers(transaction, actor, targets.filter, 'commands:issue');
    }
    const products = await this.#directory.selectProducts(transaction, actor, targets, 'commands:issue');
    return products.map((product) => product.number);
  }
}
