import type { Actor } from '../../platform/access/actor.ts';
import { inTransaction, type Transaction } from '../../platform/database/index.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import {
  type Cancellation,
  claimCancellation,
  insertCancellation,
  listCancellationIds,
  moveCancellation,
  removeCancellation,
} from './command-cancellation.store.ts';
import { unbegunStates } from './command-state.ts';
import { tallyTargetGroups } from './command-targets.store.ts';
import { endTargets } from './command-work.store.ts';
import { describeEnd } from './commands.events.ts';
import { findCommonGroupId } from './common-group.ts';
import type { WaitingCommands } from './waiting-commands.service.ts';

/** Targets of one transaction. */
const BATCH = 5_000;
// Of one turn, so that stopping the server does not wait for long; the next turn goes on.
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

/**
 * Ends what nobody has begun because an administrator says so, in batches. Invariant: from the commit of the order on,
 * nothing that it comes to is handed out or begun, and it comes to everything in the end, also when the server is
 * killed in between.
 */
export class CommandCancellation {
  readonly #platform: CancellationPlatform;
  readonly #waiting: WaitingCommands;

  constructor(platform: CancellationPlatform, waiting: WaitingCommands) {
    this.#platform = platform;
    this.#waiting = waiting;
  }

  /** Writes the order down and makes the first batch, which is all for most commands. Repeating it changes nothing. */
  async order(actor: Actor, order: CancellationOrder, request: RequestFacts): Promise<void> {
    const { database, clock, createId, recordAuditEntry, recordEvents } = this.#platform;
    const { commandId, scope, requestedBy } = order;
    const cancellation: Cancellation = { id: createId(), commandId, scope, requestedBy, after: 0 };
    const ended = await inTransaction(database, async (transaction) => {
      if (!(await insertCancellation(transaction, cancellation, new Date(clock.now())))) return [];
      const groups = await tallyTargetGroups(transaction, { commandId, states: unbegunStates, scope });
      const products = await this.#endBatch(transaction, cancellation);
      if (products.length === 0) return products;
      const scopeGroupId = findCommonGroupId(
        groups.flatMap((group) => (group.path === null ? [] : [group.path])),
      );
      // Where more than one batch is left, what had not begun in this moment is what was cancelled.
      const unbegun = groups.reduce((sum, group) => sum + group.products, 0);
      const count = products.length < BATCH ? products.length : unbegun;
      await recordEvents(transaction, {
        type: 'command.cancelled',
        objectId: commandId,
        data: { title: order.commandTitle, cancelledBy: requestedBy, products: count },
      });
      await recordAuditEntry(
        transaction,
        actor,
        {
          action: 'command.cancelled',
          objectKind: 'command',
          objectId: commandId,
          objectName: order.commandText,
          ...(scopeGroupId === undefined ? {} : { scopeGroupId }),
          details: { products: count },
        },
        request,
      );
      return products;
    });
    await this.#waiting.recheck(ended);
  }

  /** One turn: goes on with what was ordered and is not finished. */
  async proceed(): Promise<void> {
    let batches = 0;
    for (const id of await listCancellationIds(this.#platform.database, MAX_CANCELLATIONS_PER_TURN)) {
      for (let isUnderWay = true; isUnderWay; batches += 1) {
        if (batches === MAX_BATCHES_PER_TURN) return;
        isUnderWay = await this.#proceedWith(id);
      }
    }
  }

  /** @returns false when there is nothing left to do */
  async #proceedWith(id: string): Promise<boolean> {
    const ended = await inTransaction(this.#platform.database, async (transaction) => {
      const cancellation = await claimCancellation(transaction, id);
      return cancellation === undefined ? [] : await this.#endBatch(transaction, cancellation);
    });
    await this.#waiting.recheck(ended);
    return ended.length === BATCH;
  }

  /** Its place goes forward, or its row goes, with the batch itself: both are on disk or neither is. */
  async #endBatch(transaction: Transaction, cancellation: Cancellation): Promise<number[]> {
    const { id, commandId, scope, requestedBy, after } = cancellation;
    const at = new Date(this.#platform.clock.now()).toISOString();
    const step = { state: 'cancelled', at, detail: `Cancelled by ${requestedBy}.` } as const;
    const ending = { commandId, from: unbegunStates, step, code: null, scope };
    const ended = await endTargets(transaction, ending, after, BATCH);
    await this.#platform.recordEvents(
      transaction,
      ended.map((target) => describeEnd(target, { state: step.state, code: null })),
    );
    const products = ended.map((target) => target.productNumber);
    const last = products.at(-1);
    if (products.length < BATCH || last === undefined) await removeCancellation(transaction, id);
    else await moveCancellation(transaction, id, last);
    return products;
  }
}
