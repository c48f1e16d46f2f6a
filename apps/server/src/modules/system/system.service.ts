import type { SystemState } from '@holdfast/api';
import type { Actor } from '../../platform/access/actor.ts';
import { requirePermission } from '../../platform/access/actor.ts';
import type { Platform } from '../../platform/platform.ts';

/** What is known in memory, so that the answer needs no database. */
export interface FleetNumbers {
  productCount(): number;
  /** Port for heartbeats by UDP; null while there is none. */
  udpPort(): number | null;
}

/** Of the authority that devices trust. */
export interface AuthorityDescriber {
  describe(): Promise<SystemState['authority']>;
}

export interface SystemParts {
  readonly platform: Pick<Platform, 'clock' | 'keys' | 'server'>;
  readonly fleet: FleetNumbers;
  readonly authority: AuthorityDescriber;
  readonly readMemoryBytes: () => number;
}

export class SystemService {
  readonly #parts: SystemParts;

  constructor(parts: SystemParts) {
    this.#parts = parts;
  }

  async getState(actor: Actor): Promise<SystemState> {
    requirePermission(actor, 'system:read');
    const { platform, fleet, authority, readMemoryBytes } = this.#parts;
    const { clock, keys, server } = platform;
    const { isReachable, isWritable, version } = await server.probeDatabase();
    return {
      version: server.version,
      startedAt: new Date(server.startedAtMs).toISOString(),
      serverTimeAt: new Date(clock.now()).toISOString(),
      addresses: [...server.publicAddresses()],
      authorityFingerprint: keys.authorities.current.fingerprint,
      authority: await authority.describe(),
      certificateExpiresAt: new Date(server.certificateExpiresAtMs()).toISOString(),
      udpPort: fleet.udpPort(),
      database: {
        kind: server.databaseKind,
        version,
        isReachable,
        isWritable,
        isNewer: server.isDatabaseNewer,
      },
      memoryBytes: readMemoryBytes(),
      productCount: fleet.productCount(),
    };
  }
}
