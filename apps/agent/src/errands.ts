import { limits, type McpClient } from '@holdfast/protocol';
import type { Commands } from './modules/commands/index.ts';
import type { InventoryDelivery } from './modules/inventory/index.ts';
import type { Errand, ErrandName } from './modules/loop/index.ts';
import type { Log } from './platform/log.ts';

export interface ErrandParts {
  readonly client: McpClient;
  readonly commands: Commands;
  readonly inventory: InventoryDelivery;
  readonly log: Log;
  readonly upload: Errand;
  readonly uploadEntries: Errand;
  readonly track: <Result>(run: Promise<Result>) => Promise<Result>;
}

/** What the agent does beside its heartbeats. */
export function createErrands({
  client,
  commands,
  inventory,
  log,
  upload,
  uploadEntries,
  track,
}: ErrandParts): Readonly<Record<ErrandName, Errand>> {
  let isFull = false;
  return {
    claim: async () => {
      const room = commands.countRoom(limits.maxCommandsPerClaim);
      if (room === 0) {
        if (!isFull)
          log.warn(
            'OUTBOX_FULL',
            'The outbox is full: no new command is taken until the server has the results.',
          );
        isFull = true;
        return { again: false };
      }
      isFull = false;
      const { commands: claimed } = await client.claimCommands(room);
      const newCount = commands.receive(claimed);
      // Only what is reported as accepted makes place for more, so a full batch is reported before the next is asked for.
      const again = claimed.length === room && newCount > 0;
      if (again) await upload();
      return { again };
    },
    upload,
    run: async () => {
      const outcome = await track(commands.runWaiting());
      // The loop repeats the errand when the connection is back.
      if (outcome.state === 'postponed') throw outcome.cause;
      return { again: false };
    },
    logs: uploadEntries,
    inventory: async () => {
      await inventory.send();
      return { again: false };
    },
  };
}
