import type { AgentModule } from '../agent-module.ts';
import { lanSettingsMigrations } from './lan-settings.ts';

/** The table of what the server says of the LAN. What is done with it runs with the updates, which it is for. */
export const activeAgentModule = {
  name: 'active-agent',
  migrations: lanSettingsMigrations,
  create: () => ({}),
} satisfies AgentModule;
