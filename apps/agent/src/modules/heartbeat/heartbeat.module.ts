import type { AgentModule } from '../agent-module.ts';
import { createReadActivity, type ReadFreePercent } from './activity.ts';

/** Adds what the device does right now to each heartbeat. */
export function createHeartbeatModule(
  platform: NodeJS.Platform,
  readFreePercent?: ReadFreePercent,
): AgentModule {
  const readActivity = createReadActivity(platform, readFreePercent);
  return { name: 'heartbeat', heartbeat: async () => ({ activity: await readActivity() }) };
}
