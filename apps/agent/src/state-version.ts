import { agentModules } from './agent-modules.ts';
import type { AgentModule } from './modules/agent-module.ts';
import type { StateVersion } from './platform/state-migration.ts';
import { agentVersion } from './version.ts';

/** What these modules keep beyond the tables of state-schema.ts. */
export function collectStateVersion(modules: readonly AgentModule[]): StateVersion {
  const migrations = modules.flatMap((module) => module.migrations ?? []);
  const names = new Set(migrations.map(({ name }) => name));
  // The second of two with one name would be taken for made, and its tables would be missing.
  if (names.size !== migrations.length)
    throw new TypeError('"modules" expected migrations with names of their own');
  return { release: agentVersion, migrations };
}

export const stateVersion: StateVersion = collectStateVersion(agentModules);
