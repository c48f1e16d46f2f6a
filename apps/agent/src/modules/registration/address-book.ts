import type { McpClient } from '@holdfast/protocol';
import type { StateDatabase } from '../../platform/state-database.ts';
import { createRegistrationStore, type Registration } from './registration.store.ts';

/** Where this agent looks for its server: what the server says, and what somebody says on the device. */
export interface AddressBook {
  /** Writes down what a handshake told. Answers whether it is news. */
  learn(addresses: readonly string[]): boolean;
  /** Uses what was written down beside this process. Answers whether it is news. */
  follow(): boolean;
}

export function createAddressBook({
  database,
  registration,
  client,
}: {
  readonly database: StateDatabase;
  readonly registration: Pick<Registration, 'addresses'>;
  readonly client: Pick<McpClient, 'useAddresses'>;
}): AddressBook {
  const store = createRegistrationStore(database);
  let known = registration.addresses;
  const isKnown = (addresses: readonly string[]): boolean =>
    addresses.length === known.length && addresses.every((address, index) => address === known[index]);
  return {
    learn: (addresses) => {
      if (isKnown(addresses)) return false;
      database.transaction(() => store.saveAddresses(addresses));
      known = addresses;
      return true;
    },
    follow: () => {
      const stored = store.find()?.addresses ?? known;
      if (stored.length === 0 || isKnown(stored)) return false;
      known = stored;
      client.useAddresses(stored);
      return true;
    },
  };
}
