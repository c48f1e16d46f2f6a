import type { SystemState } from '@holdfast/api';
import type { Actor } from '../../platform/access/actor.ts';
import { requirePermission } from '../../platform/access/actor.ts';
import type { Platform } from '../../platform/platform.ts';

/** Of presence: what it has in memory, so that the answer needs no database. */
export interface FleetNumbers {
  productCount(): number;
  /** Port for heartbeats by UDP; null while there is none. */
  udpPort(): number | null;
}

export class SystemService {
  readonly #platform: Pick<Platform, 'clock' | 'keys' | 'server'>;
  readonly #fleet: FleetNumbers;
  readonly #readMemoryBytes: () => number;

  constructor(
    platform: Pick<Platform, 'clock' | 'keys' | 'server'>,
    fleet: FleetNumbers,
    readMemoryBytes: () => number,
  ) {
    this.#platform = platform;
    this.#fleet = fleet;
    this.#readMemoryBytes = readMemoryBytes;
  }

  async getState(actor: Actor): Promise<SystemState> {
    requirePermission(actor, 'system:read');
    const { clock, keys, server } = this.#platform;
    const { isReachable, version } = await server.probeDatabase();
    return {
      version: server.version,
      startedAt: new Date(server.startedAtMs).toISOString(),
      serverTimeAt: new Date(clock.now()).toISOString(),
      addresses: [...server.publicAddresses()],
      authorityFingerprint: keys.authorityFingerprint,
      certificateExpiresAt: new Date(server.certificateExpiresAtMs()).toISOString(),
      udpPort: this.#fleet.udpPort(),
      database: { kind: server.databaseKind, version, isReachable, isNewer: server.isDatabaseNewer },
      memoryBytes: this.#readMemoryBytes(),
      productCount: this.#fleet.productCount(),
    };
  }
}
