import type { AgentModule, ModuleNeeds } from '../agent-module.ts';
import { createInventoryHandler } from './inventory.handler.ts';

const INTERVAL_MS = 24 * 3_600_000;
const AFTER_REFUSAL_MS = 300_000;

/** Brings the facts of the device to the server: after the start, once a day, and when it is ordered. */
export const inventoryModule = {
  name: 'inventory',
  create: ({ inventory }: Pick<ModuleNeeds, 'inventory'>) => ({
    commands: [createInventoryHandler(() => inventory.send())],
    errands: [
      {
        name: 'inventory',
        everyMs: INTERVAL_MS,
        isHeldInIdleHours: true,
        afterRefusalMs: AFTER_REFUSAL_MS,
        run: async () => {
          await inventory.send();
          return { again: false };
        },
      },
    ],
  }),
} satisfies AgentModule;
