import type { AgentModule } from '../agent-module.ts';
import { updateMigrations } from './update-migrations.ts';

/** Keeps the components of this computer up to date. */
export const updatesModule = {
  name: 'updates',
  migrations: updateMigrations,
  create: () => ({}),
} satisfies AgentModule;
