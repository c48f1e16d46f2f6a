import type { Clock } from '@holdfast/kernel';
import { createMcpClient, McpClientError, type ProductFacts } from '@holdfast/protocol';
import { createAssertionSigner, type ProductKey } from '@holdfast/trust';
import { createHeartbeatContent } from './modules/heartbeat/index.ts';
import { readJournalSizes } from './modules/logs/index.ts';
import {
  createProductMemory,
  createRegistrationStore,
  type Registration,
} from './modules/registration/index.ts';
import type { StateDatabase } from './platform/state-database.ts';

export interface GoodbyeOptions {
  readonly database: StateDatabase;
  readonly registration: Registration;
  readonly key: ProductKey;
  readonly facts: ProductFacts;
  readonly clock: Clock;
  /** For one call; an address that does not answer must leave time for the next. */
  readonly callTimeoutMs: number;
  /** Ends it, whatever is under way. */
  readonly signal: AbortSignal;
}

/**
 * Tells the server that the agent of this state is gone: a handshake, because the key and the count of its heartbeats went with its
 * process, and one heartbeat that says so. It claims no command, and reports nothing.
 *
 * Invariant: nothing is signed after the signal. A handshake that was made after that of the next agent would end what that one has
 * settled, and make the two look like two computers.
 *
 * @throws McpProblem, McpClientError
 */
export async function sayGoodbye(options: GoodbyeOptions): Promise<void> {
  const { database, registration, clock, facts, signal } = options;
  const store = createRegistrationStore(database);
  const signer = createAssertionSigner(options.key);
  const client = createMcpClient({
    addresses: registration.addresses,
    authority: { certificate: registration.authorityCertificate, fingerprint: registration.fingerprint },
    keepAuthority: async ({ certificate, fingerprint }) =>
      database.transaction(() => store.saveAuthority(certificate, fingerprint)),
    signer: {
      thumbprint: signer.thumbprint,
      signAssertion: (content) => {
        if (signal.aborted) throw createTooLate();
        return signer.signAssertion(content);
      },
    },
    store: createProductMemory(database),
    clock,
    timeoutMs: options.callTimeoutMs,
  });
  const tell = async (): Promise<void> => {
    await client.handshake(facts);
    const { security, general } = readJournalSizes(database);
    const waiting = { waitingEntryCount: security.entryCount + general.entryCount };
    await client.sendHeartbeat(createHeartbeatContent([waiting], { isGoingAway: true }), {
      needsAnswer: true,
    });
  };
  try {
    await Promise.race([tell(), rejectAtEnd(signal)]);
  } finally {
    client.close();
  }
}

function rejectAtEnd(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(createTooLate());
    else signal.addEventListener('abort', () => reject(createTooLate()), { once: true });
  });
}

function createTooLate(): McpClientError {
  return new McpClientError('SERVER_UNREACHABLE', 'The server did not answer in time.', {
    retry: 'safe',
    remedy: 'Check the network, and that the server is running.',
  });
}
