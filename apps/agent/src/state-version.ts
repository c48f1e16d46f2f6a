import { commandMigrations } from './modules/commands/index.ts';
import type { StateVersion } from './platform/state-migration.ts';
import { agentVersion } from './version.ts';

/** What every module keeps beyond the tables of state-schema.ts, in the order in which it came. */
export const stateVersion: StateVersion = { release: agentVersion, migrations: [...commandMigrations] };
