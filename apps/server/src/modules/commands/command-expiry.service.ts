import type { CommandState } from '@holdfast/api';
import { inTransaction } from '../../platform/database/index.ts';
import type { Platform } from '../../platform/platform.ts';
import { begunStates, unbegunStates } from './command-state.ts';
import {
  type DueCommand,
  endTargets,
  findLongestSilence,
  listDueCommands,
  setNextExpiry,
} from './command-work.store.ts';
import { describeEnd } from './commands.events.ts';
import type { WaitingCommands } from './waiting-commands.service.ts';

/**
 * How long after the expiry, and after its last report, a product may still report on what it began in time. More than the
 * longest
 * delay that a command may have, in which nothing is said.
 */
export const REPORT_GRACE_MS = 2 * 86_400_000;
// Commands and targets that one turn looks at; the next turn goes on.
const MAX_COMMANDS = 200;
const BATCH = 5_000;

interface Stage {
  readonly from: readonly CommandState[];
  readonly code: string;
  readonly detail: string;
}

const notBegun: Stage = {
  from: unbegunStates,
  code: 'NOT_BEGUN_IN_TIME',
  detail: 'The product did not begin it before it expired.',
};
const notReported: Stage = {
  from: begunStates,
  code: 'NO_REPORT',
  detail: 'The product began it and never reported how it ended.',
};
const notEnded: Stage = {
  from: ['cancelling'],
  code: 'NO_REPORT',
  detail: 'The product was asked to end it and never reported how it ended.',
};

/** Ends what has expired: first what was never begun, and days later what nothing has been heard of since. */
export class CommandExpiry {
  readonly #platform: Pick<Platform, 'database' | 'clock' | 'recordEvents'>;
  readonly #waiting: WaitingCommands;

  constructor(platform: Pick<Platform, 'database' | 'clock' | 'recordEvents'>, waiting: WaitingCommands) {
    this.#platform = platform;
    this.#waiting = waiting;
  }

  async expire(): Promise<void> {
    const now = new Date(this.#platform.clock.now());
    for (const command of await listDueCommands(this.#platform.database, now, MAX_COMMANDS)) {
      await this.#expireCommand(command, now);
    }
  }

  async #expireCommand(command: DueCommand, now: Date): Promise<void> {
    const { database } = this.#platform;
    const lastReportAtMs = command.expiresAt.getTime() + REPORT_GRACE_MS;
    await this.#end(command.id, notBegun, now);
    // After days of downtime one run does both.
    if (now.getTime() < lastReportAtMs)
      return await setNextExpiry(database, command.id, new Date(lastReportAtMs));
    const silentSince = new Date(now.getTime() - REPORT_GRACE_MS);
    for (const stage of [notReported, notEnded]) await this.#end(command.id, stage, now, silentSince);
    const since = await findLongestSilence(database, command.id);
    await setNextExpiry(
      database,
      command.id,
      since === undefined ? null : new Date(since.getTime() + REPORT_GRACE_MS),
    );
  }

  /** In batches, each in a transaction of its own: if the server is killed in between, the next turn continues there. */
  async #end(commandId: string, stage: Stage, now: Date, silentSince?: Date): Promise<void> {
    const step = { state: 'expired', at: now.toISOString(), detail: stage.detail } as const;
    const ending = { commandId, from: stage.from, step, code: stage.code, silentSince };
    let after = 0;
    for (;;) {
      const products = await inTransaction(this.#platform.database, async (transaction) => {
        const ended = await endTargets(transaction, ending, after, BATCH);
        await this.#platform.recordEvents(
          transaction,
          ended.map((target) => describeEnd(target, { state: step.state, code: ending.code })),
        );
        return ended.map((target) => target.productNumber);
      });
      if (products.length === 0) return;
      after = products.at(-1) ?? after;
      await this.#waiting.recheck(products);
      if (products.length < BATCH) return;
    }
  }
}
