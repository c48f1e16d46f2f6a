import type { Actor } from '../../platform/access/actor.ts';
import { inTransaction, type Transaction } from '../../platform/database/index.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import type { TickOutcome } from '../../platform/ticks/ticks.ts';
import {
  type CancellableTally,
  type Cancellation,
  type CancelledTarget,
  cancelTargets,
  claimCancellation,
  insertCancellation,
  listCancellationIds,
  moveCancellation,
  removeCancellation,
  tallyCancellable,
} from './command-cancellation.store.ts';
import type { CommandAnnouncer } from './command-announcer.service.ts';
import { describeEnd } from './commands.events.ts';
import { findCommonGroupId } from './common-group.ts';
import type { WaitingCommands } from './waiting-commands.service.ts';

/** Targets of one transaction. */
const BATCH = 5_000;
// Limits one turn, so that stopping the server does not wait long; the next turn continues.
const MAX_BATCHES_PER_TURN = 20;
const MAX_CANCELLATIONS_PER_TURN = 100;

type CancellationPlatform = Pick<
  Platform,
  'database' | 'clock' | 'createId' | 'recordAuditEntry' | 'recordEvents'
>;

export interface CancellationOrder {
  readonly commandId: string;
  /** For the audit log. */
  readonly commandText: string;
  readonly commandTitle: string;
  readonly requestedBy: string;
  readonly scope: readonly string[] | null;
}

export interface CancellationParts {
  readonly waiting: WaitingCommands;
  readonly announcer: CommandAnnouncer;
  /** Told who is to end something, when that is on disk. */
  readonly onOrdered: (productNumbers: readonly number[]) => void;
}

/**
 * Ends what nobody has begun because an administrator says so, and asks products to end what they have begun, in batches. Invariant:
 * once the order is committed, no target that it covers is handed out or begun, and in the end it reaches all of them, even if the
 * server is killed in between.
 */
export class CommandCancellation {
  readonly #platform: CancellationPlatform;
  readonly #parts: CancellationParts;
  #onLeft = (): void => undefined;

  constructor(platform: CancellationPlatform, parts: CancellationParts) {
    this.#platform = platform;
    this.#parts = parts;
  }

  /** Records the order and processes the first batch, which is all there is for most commands. Repeating it changes nothing. */
  async order(actor: Actor, order: CancellationOrder, request: RequestFacts): Promise<void> {
    const { database, clock, createId, recordAuditEntry, recordEvents } = this.#platform;
    const { commandId, scope, requestedBy } = order;
    const cancellation: Cancellation = { id: createId(), commandId, scope, requestedBy, after: 0 };
    const reached = await inTransaction(database, async (transaction) => {
      if (!(await insertCancellation(transaction, cancellation, new Date(clock.now())))) return [];
      const groups = await tallyCancellable(transaction, cancellation);
      const targets = await this.#cancelBatch(transaction, cancellation);
      if (targets.length === 0) return targets;
      const scopeGroupId = findCommonGroupId(groups);
      // Where more than one batch is left, the result counts what could be cancelled at this moment.
      const isWhole = targets.length < BATCH;
      const products = isWhole ? countOf(targets, 'cancelled') : sumOf(groups, 'unbegun');
      const asked = isWhole ? countOf(targets, 'cancelling') : sumOf(groups, 'begun');
      // First the cause, then what came of it.
      await recordEvents(transaction, {
        type: 'command.cancelled',
        objectId: commandId,
        data: { title: order.commandTitle, cancelledBy: requestedBy, products, askedToEnd: asked },
      });
      await this.#recordEnds(transaction, targets);
      await recordAuditEntry(
        transaction,
        actor,
        {
          action: 'command.cancelled',
          objectKind: 'command',
          objectId: commandId,
          objectName: order.commandText,
          ...(scopeGroupId === undefined ? {} : { scopeGroupId }),
          details: { products, ...(asked === 0 ? {} : { askedToEnd: asked }) },
        },
        request,
      );
      return targets;
    });
    // An order is repeated when its answer was lost, and then nobody was notified.
    if (reached.length === 0) await this.#parts.waiting.markAgain(commandId);
    await this.#tell(commandId, reached);
    if (reached.length === BATCH) this.#onLeft();
  }

  /** Called when an order has left something for the next turn. */
  onLeft(listener: () => void): void {
    this.#onLeft = listener;
  }

  /** One turn: goes on with what was ordered and is not finished. */
  async proceed(): Promise<TickOutcome> {
    const ids = await listCancellationIds(this.#platform.database, MAX_CANCELLATIONS_PER_TURN);
    if (ids.length === 0) return 'rest';
    let batches = 0;
    for (const id of ids) {
      for (let isUnderWay = true; isUnderWay; batches += 1) {
        if (batches === MAX_BATCHES_PER_TURN) return;
        isUnderWay = await this.#proceedWith(id);
      }
    }
  }

  /** @returns false when there is nothing left to do */
  async #proceedWith(id: string): Promise<boolean> {
    const { commandId, reached } = await inTransaction(this.#platform.database, async (transaction) => {
      const cancellation = await claimCancellation(transaction, id);
      if (cancellation === undefined) return { commandId: '', reached: [] };
      const targets = await this.#cancelBatch(transaction, cancellation);
      await this.#recordEnds(transaction, targets);
      return { commandId: cancellation.commandId, reached: targets };
    });
    await this.#tell(commandId, reached);
    return reached.length === BATCH;
  }

  /** Its position advances, or its row is deleted, together with the batch: both are on disk or neither is. */
  async #cancelBatch(transaction: Transaction, cancellation: Cancellation): Promise<CancelledTarget[]> {
    const { id, requestedBy } = cancellation;
    const at = new Date(this.#platform.clock.now()).toISOString();
    const steps = {
      cancelled: { state: 'cancelled', at, detail: `Cancelled by ${requestedBy}.` },
      cancelling: { state: 'cancelling', at, detail: `${requestedBy} asked the product to end it.` },
    } as const;
    const targets = await cancelTargets(transaction, cancellation, steps, BATCH);
    const last = targets.at(-1);
    if (targets.length < BATCH || last === undefined) await removeCancellation(transaction, id);
    else await moveCancellation(transaction, id, last.productNumber);
    return targets;
  }

  async #recordEnds(transaction: Transaction, targets: readonly CancelledTarget[]): Promise<void> {
    const ended = targets.filter((target) => target.state === 'cancelled');
    await this.#platform.recordEvents(
      transaction,
      ended.map((target) => describeEnd(target, { state: target.state, code: null })),
    );
  }

  async #tell(commandId: string, reached: readonly CancelledTarget[]): Promise<void> {
    if (reached.length === 0) return;
    const { announcer, waiting, onOrdered } = this.#parts;
    const asked = productsOf(reached.filter((target) => target.state === 'cancelling'));
    // Of ends the announcer hears by itself.
    announcer.note(commandId, asked);
    // Sent in idle hours too: a cancellation should not wait until morning.
    waiting.mark(asked, true);
    onOrdered(asked);
    await waiting.recheck(productsOf(reached.filter((target) => target.state === 'cancelled')));
  }
}

function productsOf(targets: readonly CancelledTarget[]): number[] {
  return targets.map((target) => target.productNumber);
}

function countOf(targets: readonly CancelledTarget[], state: CancelledTarget['state']): number {
  return targets.filter((target) => target.state === state).length;
}

function sumOf(groups: readonly CancellableTally[], part: 'unbegun' | 'begun'): number {
  return groups.reduce((sum, group) => sum + group[part], 0);
}
