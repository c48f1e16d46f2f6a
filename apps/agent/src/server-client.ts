import { createMcpClient, type McpClient, type NotificationHandling } from '@holdfast/protocol';
import type { AgentOptions } from './app.ts';
import {
  createRegistrationStore,
  type KeyRenewal,
  type ProductMemory,
} from './modules/registration/index.ts';

/** The way to the server, with what is kept of it on disk. */
export function createServerClient(
  options: AgentOptions,
  { renewal, memory }: { readonly renewal: KeyRenewal; readonly memory: ProductMemory },
  notifications: NotificationHandling,
): McpClient {
  const { registration, clock, database } = options;
  const store = createRegistrationStore(database);
  return createMcpClient({
    addresses: registration.addresses,
    authority: { certificate: registration.authorityCertificate, fingerprint: registration.fingerprint },
    signer: renewal.signer,
    store: memory,
    keepAuthority: async ({ certificate, fingerprint }) =>
      database.transaction(() => store.saveAuthority(certificate, fingerprint)),
    clock,
    random: options.random,
    notifications,
    ...(options.callTimeoutMs === undefined ? {} : { timeoutMs: options.callTimeoutMs }),
    ...(options.datagramTiming === undefined ? {} : { timing: options.datagramTiming }),
  });
}
