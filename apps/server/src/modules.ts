import type { Authentication } from './platform/access/authentication.ts';
import { AccessError } from './platform/access/access.errors.ts';
import type { Platform } from './platform/platform.ts';

/** All modules of the server, wired together. */
export interface Modules {
  readonly authentication: Authentication;
  /** Called once, after the database is migrated and before the server listens: reads state back, binds UDP. */
  start(): Promise<void>;
  /** Called once, after the last request: writes what is still in memory. */
  stop(): Promise<void>;
  /** A one-time link for the first administrator, or null when there is one already. */
  createSetupLink(): Promise<string | null>;
}

/** Creates the modules in the order of their dependencies; each registers its own routes. */
export function createModules(_platform: Platform): Modules {
  return {
    authentication: {
      authenticateSession: refuse,
      authenticateApiKey: refuse,
      authenticateProduct: refuse,
    },
    async start() {},
    async stop() {},
    async createSetupLink() {
      return null;
    },
  };
}

async function refuse(): Promise<never> {
  throw new AccessError('NOT_SIGNED_IN', 'Nobody can sign in.');
}
