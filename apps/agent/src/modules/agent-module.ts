import type { CommandHandler } from './commands/index.ts';
import type { HeartbeatPart } from './heartbeat/index.ts';
import type { Errand } from './loop/index.ts';

/**
 * One capability of the agent, as the rest of it sees it. Whatever is left out the capability does not have. Tables come before
 * it: what it keeps is in its list of migrations, which `state-version.ts` collects.
 */
export interface AgentModule {
  readonly name: string;
  /** What the server can order. */
  readonly commands?: readonly CommandHandler[];
  /** What it does beside the heartbeats. */
  readonly errands?: readonly Errand[];
  /** What it adds to each heartbeat. Cheap: it is asked every few seconds. */
  readonly heartbeat?: () => HeartbeatPart | Promise<HeartbeatPart>;
  /** With the agent, before the first call to the server. */
  readonly start?: () => void;
  /** At the end of the agent, before the farewell. What takes longer than a second is left. */
  readonly stop?: () => void | Promise<void>;
}
