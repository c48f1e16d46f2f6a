/**
 * The state of the server itself, for people: version, addresses, certificate, database, memory. Promises an answer
 * also while the database is away, and shows no path, no secret and nobody's data.
 */
import type { Platform } from '../../platform/platform.ts';
import { type AuthorityDescriber, SystemService, type FleetNumbers } from './system.service.ts';
import { registerSystemRoutes } from './system.routes.ts';

export type { FleetNumbers } from './system.service.ts';

export interface SystemDependencies {
  readonly platform: Pick<Platform, 'clock' | 'keys' | 'server' | 'registerRoute'>;
  readonly fleet: FleetNumbers;
  readonly authority: AuthorityDescriber;
  /** Resident memory of the process. */
  readonly readMemoryBytes: () => number;
}

export function createSystemModule({
  platform,
  fleet,
  authority,
  readMemoryBytes,
}: SystemDependencies): void {
  registerSystemRoutes(platform, new SystemService({ platform, fleet, authority, readMemoryBytes }));
}
