import { CLOCK_HAS_LEAPT } from '../../platform/clock/clock-witness.store.ts';
import type { JobResult } from '../../platform/jobs/jobs.ts';
import type { Platform } from '../../platform/platform.ts';
import {
  hideOldCommands,
  listHiddenCommands,
  removeCommand,
  removeTargets,
} from './command-retention.store.ts';

/** How long a command that is over stays in Command Tracking. */
export const DEFAULT_COMMAND_RETENTION_MS = 90 * 86_400_000;
/** Targets of one statement. */
const BATCH = 5_000;
const COMMANDS_AT_ONCE = 1_000;

/**
 * Forgets commands that are long over. A command disappears at once and whole; its targets follow in batches,
 * also across a restart. The audit log keeps who ordered what.
 */
export class CommandRetention {
  readonly #platform: Pick<Platform, 'database' | 'clock' | 'clockWitness' | 'log'>;
  readonly #retentionMs: number;

  constructor(platform: Pick<Platform, 'database' | 'clock' | 'clockWitness' | 'log'>, retentionMs: number) {
    this.#platform = platform;
    this.#retentionMs = retentionMs;
  }

  /** @returns for people: how many commands are gone */
  async forget(signal: AbortSignal): Promise<JobResult> {
    const { database, clock, clockWitness, log } = this.#platform;
    const isBelievable = await clockWitness.isBelievable();
    for (let forgotten = 0; ; ) {
      const nowMs = clock.now();
      const hidden = isBelievable
        ? await hideOldCommands(database, {
            expiredBefore: new Date(nowMs - this.#retentionMs),
            now: new Date(nowMs),
            limit: COMMANDS_AT_ONCE,
          })
        : 0;
      if (hidden > 0) log.info({ commands: hidden }, 'commands that are long over are forgotten');
      const ids = await listHiddenCommands(database, COMMANDS_AT_ONCE);
      for (const id of ids) await this.#remove(id, signal);
      forgotten += ids.length;
      if (ids.length < COMMANDS_AT_ONCE) {
        const result = { 'commands forgotten': forgotten };
        return isBelievable ? result : { ...result, 'forgot no others': CLOCK_HAS_LEAPT };
      }
    }
  }

  async #remove(commandId: string, signal: AbortSignal): Promise<void> {
    const { database } = this.#platform;
    let after = 0;
    for (let isFull = true; isFull; ) {
      signal.throwIfAborted();
      const removed = await removeTargets(database, commandId, after, BATCH);
      after = removed.at(-1) ?? after;
      isFull = removed.length === BATCH;
    }
    await removeCommand(database, commandId);
  }
}
