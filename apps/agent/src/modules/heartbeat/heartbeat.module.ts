import type { AgentModule, ModuleNeeds } from '../agent-module.ts';
import { createReadActivity } from './activity.ts';

/** Adds what the device does right now to each heartbeat. */
export const heartbeatModule = {
  name: 'heartbeat',
  create: ({ platform, readFreePercent }: Pick<ModuleNeeds, 'platform' | 'readFreePercent'>) => {
    const readActivity = createReadActivity(platform, readFreePercent);
    return { heartbeat: async () => ({ activity: await readActivity() }) };
  },
} satisfies AgentModule;
