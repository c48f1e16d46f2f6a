import type { McpState, McpStateStore } from '@holdfast/protocol';
import type { StateDatabase } from '../../platform/state-database.ts';
import { keepIfThereIsRoom } from '../../platform/state.errors.ts';
import { createRegistrationStore } from './registration.store.ts';

export interface ProductMemory extends McpStateStore {
  /** Writes what a full disk has kept from being written. */
  writeLate(): void;
}

/**
 * What handshakes settle, for the client: in memory, and on disk as soon as it takes it. An agent whose disk is full goes on
 * talking with the server; after a restart it knows what it last could write, and the next handshake settles it anew.
 */
export function createProductMemory(database: StateDatabase): ProductMemory {
  const store = createRegistrationStore(database);
  let unwritten: McpState | undefined;
  const write = (product: McpState): void => {
    const isWritten = keepIfThereIsRoom(() => database.transaction(() => store.saveProduct(product)));
    unwritten = isWritten ? undefined : product;
  };
  const find = (): McpState | undefined => {
    const written = store.find()?.product;
    // Another registration in between is another product, of which the old state says nothing.
    if (unwritten?.productNumber !== written?.productNumber) unwritten = undefined;
    return unwritten ?? written;
  };
  return {
    load: async () => find(),
    save: async (product) => write(product),
    writeLate: () => {
      const product = find();
      if (product !== undefined && product === unwritten) write(product);
    },
  };
}
