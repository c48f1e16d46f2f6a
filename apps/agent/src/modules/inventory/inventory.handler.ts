import type { InventoryAnswer } from '@holdfast/protocol';
import type { CommandHandler } from '../commands/index.ts';

/** Collects the facts and brings them to the server. */
export type SendInventory = () => Promise<InventoryAnswer>;

/** Obeys `collect-inventory`. Facts that are sent twice replace themselves, so it is safe to repeat. */
export function createInventoryHandler(sendInventory: SendInventory): CommandHandler {
  return {
    type: 'collect-inventory',
    isSafeToRepeat: true,
    run: async () => {
      const { digest, changed } = await sendInventory();
      return {
        detail: changed
          ? 'The facts were collected and have changed.'
          : 'The facts were collected and have not changed.',
        result: { digest, changed },
      };
    },
  };
}
