import type { Trouble } from '@holdfast/protocol';
import type { AgentModule, ModuleNeeds } from '../agent-module.ts';
import type { RefusableCall } from './refusal.ts';

/** Without a handshake, a way and a heartbeat there is no heartbeat to say it in: then the server knows by itself. */
const troubleOf: Readonly<Partial<Record<RefusableCall, Trouble>>> = {
  inventory: 'inventory-refused',
  logs: 'logs-refused',
  reports: 'reports-refused',
  commands: 'commands-refused',
  notifications: 'notifications-refused',
};

/** Says in each heartbeat what the server does not take. */
export const refusalsModule = {
  name: 'refusals',
  create: ({ refusals }: { readonly refusals: Pick<ModuleNeeds['refusals'], 'current'> }) => ({
    heartbeat: () => ({ troubles: refusals.current.standing.flatMap(({ call }) => troubleOf[call] ?? []) }),
  }),
} satisfies AgentModule;
