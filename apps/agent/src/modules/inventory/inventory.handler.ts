import { commandCatalogue, type InventoryAnswer } from '@holdfast/protocol';
import { type CommandHandler, defineHandler, OnRestart } from '../commands/index.ts';

/** Collects the facts and brings them to the server. Facts that are sent twice replace themselves, so it may be repeated. */
export function createInventoryHandler(sendInventory: () => Promise<InventoryAnswer>): CommandHandler {
  return defineHandler({
    definition: commandCatalogue.collectInventory,
    onRestart: OnRestart.repeat,
    run: async () => {
      const { digest, changed } = await sendInventory();
      return {
        detail: changed
          ? 'The facts were collected and have changed.'
          : 'The facts were collected and have not changed.',
        result: { digest, changed },
      };
    },
  });
}
