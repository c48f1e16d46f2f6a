import type { Clock } from '@holdfast/kernel';
import type { Capabilities, Device, Product } from '../messages/product.ts';
import type { AssertionSigner } from './assertion-signer.ts';
import type { DatagramTiming } from './heartbeat-sender.ts';
import type { McpStateStore } from './mcp-state.ts';
import type { NotificationHandling } from './notifications.ts';
import type { PinnedAuthority } from './pinned-authority.ts';

/** What a product says of itself when it registers and at each handshake. */
export interface ProductFacts {
  readonly product: Product;
  readonly device: Device;
  readonly capabilities: Capabilities;
}

export interface McpClientOptions {
  /** Canonical origins, in the order to try. */
  readonly addresses: readonly string[];
  /** The only authorities whose certificates are accepted; see `fetchAuthority`. */
  readonly authority: PinnedAuthority;
  /**
   * Told what is to be trusted instead from now on, because the server said so or proved that its authority follows the one that is
   * trusted; returns when it is kept. Absent: it is forgotten with the client.
   */
  readonly keepAuthority?: (authority: PinnedAuthority) => Promise<void>;
  readonly signer: AssertionSigner;
  readonly store: McpStateStore;
  readonly clock: Clock;
  /** For one HTTPS call; default 30 seconds. */
  readonly timeoutMs?: number;
  readonly timing?: DatagramTiming;
  /** Uniform in [0, 1), for waits between two sendings of a heartbeat; default: the system's random numbers. */
  readonly random?: () => number;
  /** How calls of the server are taken. Absent: it cannot call, and the product is one-way. */
  readonly notifications?: NotificationHandling;
}

/** How files of the repository of components are fetched from the server. */
export interface FileAccess {
  /** What their paths are appended to. */
  readonly base: string;
  /** PEM of the only authorities that are trusted there. */
  readonly authorities: string;
  /** For the header `authorization`, as a bearer token. */
  readonly accessToken: string;
}
