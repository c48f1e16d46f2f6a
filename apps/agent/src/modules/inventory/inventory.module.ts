import type { AgentModule } from '../agent-module.ts';
import {
  createInventoryDelivery,
  type InventoryDelivery,
  type InventoryDeliveryOptions,
} from './inventory-delivery.ts';
import { createInventoryHandler } from './inventory.handler.ts';

const INTERVAL_MS = 24 * 3_600_000;
const AFTER_REFUSAL_MS = 300_000;

export interface InventoryModule extends AgentModule {
  readonly delivery: InventoryDelivery;
}

/** Brings the facts of the device to the server: after the start, once a day, and when it is ordered. */
export function createInventoryModule(options: InventoryDeliveryOptions): InventoryModule {
  const delivery = createInventoryDelivery(options);
  return {
    name: 'inventory',
    delivery,
    commands: [createInventoryHandler(() => delivery.send())],
    errands: [
      {
        name: 'inventory',
        everyMs: INTERVAL_MS,
        isHeldInIdleHours: true,
        afterRefusalMs: AFTER_REFUSAL_MS,
        run: async () => {
          await delivery.send();
          return { again: false };
        },
      },
    ],
  };
}
