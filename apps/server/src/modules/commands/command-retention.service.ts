import { ClockWitness } from '../../platform/jobs/clock-witness.store.ts';
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
// Of one turn; the next turn goes on.
const MAX_BATCHES_PER_TURN = 100;
const MAX_COMMANDS_PER_TURN = 1_000;

/**
 * Forgets commands that are long over. A command disappears at once and whole; its targets follow in batches, in as
 * many turns as it takes, also across a restart. The audit log keeps who ordered what.
 */
export class CommandRetention {
  readonly #platform: Pick<Platform, 'database' | 'clock' | 'log'>;
  readonly #retentionMs: number;
  readonly #witness: ClockWitness;

  constructor(platform: Pick<Platform, 'database' | 'clock' | 'log'>, retentionMs: number) {
    this.#platform = platform;
    this.#retentionMs = retentionMs;
    this.#witness = new ClockWitness(platform);
  }

  async forget(): Promise<void> {
    const { database, clock, log } = this.#platform;
    const nowMs = clock.now();
    const hidden = (await this.#witness.isBelievable())
      ? await hideOldCommands(database, {
          expiredBefore: new Date(nowMs - this.#retentionMs),
          now: new Date(nowMs),
          limit: MAX_COMMANDS_PER_TURN,
        })
      : 0;
    if (hidden > 0) log.info({ commands: hidden }, 'commands that are long over are forgotten');
    let batches = 0;
    for (const commandId of await listHiddenCommands(database, MAX_COMMANDS_PER_TURN)) {
      let after = 0;
      for (let isFull = true; isFull; batches += 1) {
        if (batches >= MAX_BATCHES_PER_TURN && after > 0) return;
        const removed = await removeTargets(database, commandId, after, BATCH);
        after = removed.at(-1) ?? after;
        isFull = removed.length === BATCH;
      }
      await removeCommand(database, commandId);
    }
  }
}
