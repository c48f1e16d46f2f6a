import type { AgentModule } from './modules/agent-module.ts';
import { commandsModule } from './modules/commands/index.ts';
import { diskRoomModule } from './modules/disk-room/index.ts';
import { healthModule } from './modules/health/index.ts';
import { heartbeatModule } from './modules/heartbeat/index.ts';
import { inventoryModule } from './modules/inventory/index.ts';
import { logsModule } from './modules/logs/index.ts';
import { notificationModule } from './modules/notification/index.ts';
import { outboxModule } from './modules/outbox/index.ts';
import { refusalsModule } from './modules/refusals/index.ts';
import { shutdownModule } from './modules/shutdown/index.ts';
import { statusModule } from './modules/status/index.ts';
import { upkeepModule } from './modules/upkeep/index.ts';
import { userMessagesModule } from './modules/user-messages/index.ts';

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
  shutdownModule,
];
