import { systemClock } from '@holdfast/kernel';
import {
  capabilityVersion,
  createMcpClient,
  limits,
  type McpClient,
  type McpState,
  parseEnrolmentToken,
  type NotificationHandling,
  type ProductFacts,
  type ReceivedNotification,
} from '@holdfast/protocol';
import { createAssertionSigner, createProductKey } from '@holdfast/trust';
import type { TestServer } from './test-server.ts';

const facts: ProductFacts = {
  product: { kind: 'endpoint-agent', name: 'Holdfast agent', version: '0.1.0' },
  device: { name: 'desk-7', platform: 'linux', architecture: 'x64' },
  capabilities: { capabilityVersion, udp: true, commands: ['collect-inventory'] },
};

export const quietHeartbeat = {
  goingAway: false,
  serviceState: 'running',
  waitingLogEntries: 0,
  policyRevision: 0,
  componentSetDigest: new Uint8Array(8),
  items: [],
} as const;

/** The protocol's own client against a server under test that listens, through real sockets. */
export interface TestClient {
  readonly client: McpClient;
  readonly productNumber: number;
  readonly deviceId: string;
  /** Calls of the server so far. */
  readonly received: readonly ReceivedNotification[];
  /** Makes a handshake and settles how to communicate. */
  connect(): ReturnType<McpClient['negotiateTransport']>;
}

export async function createTestClient(
  server: TestServer,
  tokenString: string,
  options: {
    readonly udp?: boolean;
    readonly handling?: Partial<NotificationHandling>;
  } = {},
): Promise<TestClient> {
  let state: McpState | undefined;
  const received: ReceivedNotification[] = [];
  const client = createMcpClient({
    addresses: [server.address],
    authority: {
      certificate: server.keys.authorities.current.certificate,
      fingerprint: server.keys.authorities.current.fingerprint,
    },
    signer: createAssertionSigner(createProductKey()),
    store: {
      load: () => Promise.resolve(state),
      save: async (next) => {
        state = next;
      },
    },
    clock: systemClock,
    timing: {
      acknowledgementWaitsMs: () => [500, 500] as const,
      probeWaitsMs: [limits.probePauseMs, 200, 200],
    },
    notifications: {
      onNotification: (notification) => received.push(notification),
      listenerHost: '127.0.0.1',
      ...options.handling,
    },
  });
  const capabilities = { ...facts.capabilities, udp: options.udp ?? true };
  const registered = await client.register(parseEnrolmentToken(tokenString), { ...facts, capabilities });
  if (registered.state !== 'registered') throw new Error(`The product is ${registered.state}`);
  return {
    client,
    productNumber: registered.productNumber,
    deviceId: registered.deviceId,
    received,
    connect: async () => {
      await client.handshake({ ...facts, capabilities });
      return await client.negotiateTransport();
    },
  };
}
