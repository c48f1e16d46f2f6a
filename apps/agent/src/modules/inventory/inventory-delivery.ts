import { createHash } from 'node:crypto';
import type { Clock } from '@holdfast/kernel';
import type { InventoryAnswer, McpClient } from '@holdfast/protocol';
import type { LogWriter } from '../logs/index.ts';
import { type StateDatabase, withinTransaction } from '../../platform/state-database.ts';
import { keepIfThereIsRoom } from '../../platform/state.errors.ts';
import { createStateNotes } from '../../platform/state-note.ts';
import { createEncryptionWatch } from './encryption-watch.ts';
import type { InventoryCollector } from './inventory-collector.ts';
import type { InventoryFacts } from './inventory-facts.ts';

export interface InventoryDelivery {
  send(): Promise<InventoryAnswer>;
  /** Sends when the facts differ from what was last sent, apart from those that change all the time. */
  sendIfChanged(): Promise<'sent' | 'unchanged'>;
}

export interface InventoryDeliveryOptions {
  readonly collector: Pick<InventoryCollector, 'collect'>;
  readonly client: Pick<McpClient, 'putInventory'>;
  readonly database: StateDatabase;
  readonly events: LogWriter;
  readonly clock: Clock;
}

/** Collects the facts, brings them to the server, and remembers when it got which. */
export function createInventoryDelivery(options: InventoryDeliveryOptions): InventoryDelivery {
  const { collector, client, database, events, clock } = options;
  const notes = createStateNotes(database);
  const watch = createEncryptionWatch(database, events);
  const collect = async (): Promise<InventoryFacts> => {
    const facts = await collector.collect();
    // Without room it is looked at anew the next time, and a change is told then.
    keepIfThereIsRoom(() => watch.look(facts.disks ?? []));
    return facts;
  };
  const deliver = async (facts: InventoryFacts): Promise<InventoryAnswer> => {
    const answer = await client.putInventory({ collectedAt: clock.now(), facts: { ...facts } });
    const note = { at: clock.now(), digest: digestOf(facts) };
    keepIfThereIsRoom(() => withinTransaction(database, () => notes.save('inventory-sent', note)));
    return answer;
  };
  return {
    send: async () => await deliver(await collect()),
    sendIfChanged: async () => {
      const facts = await collect();
      if (notes.find('inventory-sent')?.['digest'] === digestOf(facts)) return 'unchanged';
      await deliver(facts);
      return 'sent';
    },
  };
}

/** When the server last got the inventory; `undefined` when it never did. */
export function readInventorySentAt(database: StateDatabase): number | undefined {
  const at = createStateNotes(database).find('inventory-sent')?.['at'];
  return typeof at === 'number' ? at : undefined;
}

/** Free memory and free space are other ones each second, and the start of the agent says nothing of the device. */
const volatileMembers: readonly string[] = [
  'availableBytes',
  'freeBytes',
  'usedBytes',
  'startedAt',
  'bootedAt',
];

function digestOf(facts: InventoryFacts): string {
  const text = JSON.stringify(facts, (name, value: unknown) =>
    volatileMembers.includes(name) ? undefined : value,
  );
  return createHash('sha256').update(text).digest('base64url');
}
