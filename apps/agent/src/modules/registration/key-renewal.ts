import { hasCode, type Clock } from '@holdfast/kernel';
import { type AssertionSigner, createMcpClient, type McpState, type ProductFacts } from '@holdfast/protocol';
import { createAssertionSigner, type ProductKey } from '@holdfast/trust';
import type { Log } from '../../platform/log.ts';
import type { StateDatabase } from '../../platform/state-database.ts';
import { keepIfThereIsRoom } from '../../platform/state.errors.ts';
import { createStateNotes } from '../../platform/state-note.ts';
import type { LogWriter } from '../logs/index.ts';
import { adoptNextKey, getOrCreateProductKey, nextKeyPathOf } from './product-key-file.ts';
import { RegistrationError } from './registration.errors.ts';
import { createRegistrationStore, type Registration } from './registration.store.ts';

export interface KeyRenewalOptions {
  readonly database: StateDatabase;
  readonly privateKeyPath: string;
  /** Under which the agent is registered. */
  readonly key: ProductKey;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Pick<LogWriter, 'record'>;
  readonly callTimeoutMs?: number | undefined;
}

/**
 * What an agent does whose key another computer uses too: most often its disk was copied. It lets go of what it was told under
 * that key, makes a key of its own and asks for a record of its own, until an administrator agrees.
 *
 * Invariants: the old key is never used again once the server has refused it, also after a restart. A crash leaves the old
 * registration with the old key or the new one with the new key. What was ordered from the original is not done here.
 */
export interface KeyRenewal {
  /** Signs with the key that is this agent's now. */
  readonly signer: AssertionSigner;
  /**
   * A handshake, with the registration before it where one is needed.
   *
   * @throws RegistrationError APPROVAL_AWAITED while an administrator has to agree; whatever the calls throw
   */
  shakeHands<Outcome>(facts: ProductFacts, handshake: () => Promise<Outcome>): Promise<Outcome>;
}

export function createKeyRenewal(options: KeyRenewalOptions): KeyRenewal {
  const { clock, database, events, log, privateKeyPath } = options;
  const notes = createStateNotes(database);
  const store = createRegistrationStore(database);
  let signer = createAssertionSigner(options.key);

  const begin = (): void => {
    if (notes.find('key-shared') !== undefined) return;
    // Before the note: a backup of this folder that knows of the renewal has its key, and comes back to the same new record.
    getOrCreateProductKey(nextKeyPathOf(privateKeyPath));
    database.transaction(() => {
      notes.save('key-shared', { at: clock.now() });
      store.forgetCopiedWork();
      events.record('key-shared');
    });
    log.warn(
      'PRODUCT_KEY_SHARED',
      'Another computer uses the key of this agent, probably because a disk was copied. This computer makes a key of its own and asks for a record of its own. An administrator has to admit it in the console, under waiting devices.',
    );
  };

  const save = (registration: Registration, key: ProductKey, product: McpState): void => {
    database.transaction(() => {
      const { authorityCertificate, fingerprint } = store.find() ?? registration;
      store.save({
        ...registration,
        authorityCertificate,
        fingerprint,
        keyThumbprint: key.thumbprint,
        registeredAt: clock.now(),
        product,
      });
      notes.remove('key-shared');
      events.record('key-renewed', { productNumber: product.productNumber });
    });
    signer = createAssertionSigner(key);
    // Without room it stays beside the old one, where the next start finds it.
    keepIfThereIsRoom(() => adoptNextKey(privateKeyPath));
    log.info('KEY_RENEWED', 'This computer has a key and a record of its own now.', {
      productNumber: product.productNumber,
    });
  };

  const registerAnew = async (facts: ProductFacts): Promise<void> => {
    const registration = store.find();
    if (registration === undefined) throw new RegistrationError('NOT_ENROLLED', 'There is no registration.');
    const key = getOrCreateProductKey(nextKeyPathOf(privateKeyPath));
    const client = createMcpClient({
      addresses: registration.addresses,
      authority: { certificate: registration.authorityCertificate, fingerprint: registration.fingerprint },
      keepAuthority: async ({ certificate, fingerprint }) =>
        database.transaction(() => store.saveAuthority(certificate, fingerprint)),
      signer: createAssertionSigner(key),
      clock,
      store: {
        load: () => Promise.resolve(undefined),
        save: (product) => Promise.resolve(save(registration, key, product)),
      },
      ...(options.callTimeoutMs === undefined ? {} : { timeoutMs: options.callTimeoutMs }),
    });
    try {
      const answer = await client.registerAnew(registration.product.receipt, facts);
      if (answer.state === 'awaiting-approval') throw createAwaited(key.thumbprint);
    } finally {
      client.close();
    }
  };

  return {
    signer: {
      get thumbprint() {
        return signer.thumbprint;
      },
      signAssertion: (content) => signer.signAssertion(content),
    },
    shakeHands: async (facts, handshake) => {
      if (notes.find('key-shared') === undefined) {
        try {
          return await handshake();
        } catch (error) {
          if (!hasCode(error, 'PRODUCT_KEY_SHARED')) throw error;
          begin();
        }
      }
      await registerAnew(facts);
      return await handshake();
    },
  };
}

function createAwaited(keyThumbprint: string): RegistrationError {
  return new RegistrationError(
    'APPROVAL_AWAITED',
    'An administrator has to admit this computer, whose key another computer used too.',
    {
      remedy: `In the console, under waiting devices, admit the copy with the key thumbprint ${keyThumbprint}.`,
      facts: { keyThumbprint },
    },
  );
}
