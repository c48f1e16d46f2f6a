import type { CommandPlan, Permission } from '@holdfast/api';
import { type Actor, requirePermission } from '../../platform/access/actor.ts';
import { inTransaction, type Transaction } from '../../platform/database/index.ts';
import type { Platform } from '../../platform/platform.ts';
import { ConcurrencyLimiter } from '../../platform/rate-limit/concurrency-limiter.ts';
import { TokenBuckets } from '../../platform/rate-limit/token-buckets.ts';
import type { CommandTypes } from './command-types.ts';
import { CommandError } from './commands.errors.ts';
import type { CommandDirectory, IssueInput } from './commands.service.ts';

/** Of presence: idle hours of a product's group. */
export interface IdleHours {
  /** When they end, while they last: infinity when they never do. */
  idleUntil(productNumber: number): number | undefined;
}

export interface PlanningParts {
  readonly types: CommandTypes;
  readonly directory: CommandDirectory;
  readonly hours: IdleHours;
}

export interface PlanInput {
  readonly targets: IssueInput['targets'];
  /** What is to be ordered; undefined: anything that needs no permission of its own. */
  readonly type?: string | undefined;
}

// A plan reads every device that is meant, perhaps a million, and changes nothing: it must not block others.
const PACE_OF_CALLER = { burst: 30, perSecond: 2 };
const AT_ONCE = { maxRunning: 2, maxWaiting: 30 };

/** Says what would become of an order before it is given. */
export class CommandPlanning {
  readonly #platform: Pick<Platform, 'database'>;
  readonly #types: CommandTypes;
  readonly #directory: CommandDirectory;
  readonly #hours: IdleHours;
  readonly #limiter = new ConcurrencyLimiter(AT_ONCE);
  readonly #callers: TokenBuckets;

  constructor(platform: Pick<Platform, 'database' | 'clock'>, { types, directory, hours }: PlanningParts) {
    this.#platform = platform;
    this.#types = types;
    this.#directory = directory;
    this.#hours = hours;
    this.#callers = new TokenBuckets(PACE_OF_CALLER, platform.clock);
  }

  /**
   * @throws CommandError COMMAND_PLANS_TOO_MANY, COMMAND_TYPE_UNKNOWN; AccessError PERMISSION_DENIED; of the directory DEVICE_NOT_FOUND, GROUP_NOT_FOUND
   */
  async plan(actor: Actor, { targets, type }: PlanInput): Promise<CommandPlan> {
    requirePermission(actor, 'commands:issue');
    const permission = type === undefined ? 'commands:issue' : this.#types.get(type).permission;
    const waitMs = this.#callers.take('id' in actor ? actor.id : actor.kind);
    if (waitMs > 0) throw createTooManyError(waitMs);
    const leave = await this.#limiter.enter();
    if (leave === undefined) throw createTooManyError(2_000);
    try {
      const numbers = await inTransaction(this.#platform.database, (transaction) =>
        this.#select(transaction, actor, targets, permission),
      );
      return { devices: numbers.length, waits: this.#waitsOf(numbers) };
    } finally {
      leave();
    }
  }

  #waitsOf(numbers: readonly number[]): CommandPlan['waits'] {
    const devicesByEnd = new Map<number, number>();
    for (const number of numbers) {
      const endMs = this.#hours.idleUntil(number);
      if (endMs !== undefined) devicesByEnd.set(endMs, (devicesByEnd.get(endMs) ?? 0) + 1);
    }
    return [...devicesByEnd]
      .toSorted(([first], [second]) => (first < second ? -1 : 1))
      .map(([endMs, devices]) => ({
        hoursBeginAt: Number.isFinite(endMs) ? new Date(endMs).toISOString() : null,
        devices,
      }));
  }

  async #select(
    transaction: Transaction,
    actor: Actor,
    targets: IssueInput['targets'],
    permission: Permission,
  ): Promise<readonly number[]> {
    if ('filter' in targets) {
      return await this.#directory.selectProductNumbers(transaction, actor, targets.filter, permission);
    }
    const products = await this.#directory.selectProducts(transaction, actor, targets, permission);
    return products.map((product) => product.number);
  }
}

function createTooManyError(retryAfterMs: number): CommandError {
  return new CommandError('COMMAND_PLANS_TOO_MANY', 'Too many orders are being planned at the moment.', {
    retry: 'safe',
    facts: { retryAfterMs },
    remedy: 'Try again in a few seconds, or give the order without a plan.',
  });
}
