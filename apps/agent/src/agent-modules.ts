import type { AgentModule } from './modules/agent-module.ts';
import { activeAgentModule } from './modules/active-agent/active-agent.module.ts';
import { commandsModule } from './modules/commands/commands.module.ts';
import { diskRoomModule } from './modules/disk-room/disk-room.module.ts';
import { healthModule } from './modules/health/health.module.ts';
import { heartbeatModule } from './modules/heartbeat/heartbeat.module.ts';
import { inventoryModule } from './modules/inventory/inventory.module.ts';
import { logsModule } from './modules/logs/logs.module.ts';
import { notificationModule } from './modules/notification/notification.module.ts';
import { outboxModule } from './modules/outbox/outbox.module.ts';
import { refusalsModule } from './modules/refusals/refusals.module.ts';
import { screensModule } from './modules/screens/screens.module.ts';
import { shutdownModule } from './modules/shutdown/shutdown.module.ts';
import { statusModule } from './modules/status/status.module.ts';
import { updatesModule } from './modules/updates/updates.module.ts';
import { upkeepModule } from './modules/upkeep/upkeep.module.ts';
import { userMessagesModule } from './modules/user-messages/user-messages.module.ts';

/** All that the agent can do. Errands that begin at the same time begin in this order, and tables are made in it. */
export const agentModules: readonly AgentModule[] = [
  diskRoomModule,
  commandsModule,
  outboxModule,
  logsModule,
  heartbeatModule,
  refusalsModule,
  notificationModule,
  statusModule,
  inventoryModule,
  upkeepModule,
  healthModule,
  userMessagesModule,
  screensModule,
  shutdownModule,
  activeAgentModule,
  updatesModule,
];
