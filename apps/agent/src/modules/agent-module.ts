import type { MetadataStore } from '@holdfast/components/client';
import type { Clock } from '@holdfast/kernel';
import type { McpClient } from '@holdfast/protocol';
import type { Log } from '../platform/log.ts';
import type { StateDatabase } from '../platform/state-database.ts';
import type { RunToEnd } from '../platform/program-end.ts';
import type { RunProgram } from '../platform/program-output.ts';
import type { StateMigration } from '../platform/state-migration.ts';
import type { CommandHandler, Commands } from './commands/index.ts';
import type { DiskRoom } from './disk-room/index.ts';
import type { HeartbeatPart, ReadFreePercent } from './heartbeat/index.ts';
import type { InventoryDelivery } from './inventory/index.ts';
import type { LogWriter, Journals, LogDelivery, LogLevelSetting } from './logs/index.ts';
import type { AgentLoop, Errand } from './loop/index.ts';
import type { StreamKeeper } from './notification/index.ts';
import type { ReportDelivery } from './outbox/index.ts';
import type { RefusalWatch } from './refusals/index.ts';
import type { PowerSwitch } from './shutdown/index.ts';
import type { SignInReader } from './sign-ins/index.ts';
import type { ConnectionHistory } from './status/index.ts';
import type { ComponentSources } from './updates/index.ts';
import type { UserMessenger } from './user-messages/index.ts';

/**
 * One capability of the agent. It is what stands in the list of `agent-modules.ts`, from which the agent is put together and its
 * state database is made.
 */
export interface AgentModule {
  /** That of its folder. */
  readonly name: string;
  /** Its tables, made before it is, and by every command that opens the state. */
  readonly migrations?: readonly StateMigration[];
  /** Takes what it uses of the needs. The agent has not started yet, and nothing is to be done before `start`. */
  readonly create: (needs: ModuleNeeds) => RunningModule;
}

/** What a module is to the agent. Whatever is left out the capability does not have. */
export interface RunningModule {
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

/** What really touches the computer on which the agent runs, and whoever sits at it: made by main.ts alone. */
export interface Computer {
  /** Programs of the system, for some seconds. */
  readonly run: RunProgram;
  /** Programs that may need minutes and more memory than the agent has. */
  readonly runToEnd: RunToEnd;
  readonly signIns: SignInReader;
  readonly messenger: UserMessenger;
  readonly power: PowerSwitch;
}

/** What there is when modules are made; all of them are given the same. */
export interface ModuleNeeds {
  readonly database: StateDatabase;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  readonly platform: NodeJS.Platform;
  /** State folder. */
  readonly home: string;
  /** Of this agent. */
  readonly version: string;
  /** Calls of the product whose refusals are remembered and told. */
  readonly client: Pick<
    McpClient,
    'claimCommands' | 'sendReports' | 'sendLogs' | 'putInventory' | 'putComponentStates' | 'serverVersion'
  >;
  readonly events: LogWriter;
  readonly journals: Journals;
  readonly levelSetting: LogLevelSetting;
  readonly refusals: RefusalWatch;
  readonly connection: ConnectionHistory;
  readonly diskRoom: DiskRoom;
  readonly inventory: InventoryDelivery;
  readonly logDelivery: LogDelivery;
  readonly reportDelivery: ReportDelivery;
  /** Where files of components come from, and what is verified of their metadata. */
  readonly componentSources: ComponentSources;
  readonly repositoryStore: MetadataStore;
  readonly stream: StreamKeeper;
  readonly computer: Computer;
  readonly readFreePercent: ReadFreePercent | undefined;
  /** Something starts the agent again when it ends. */
  readonly isSupervised: boolean;
  /** Which release of the program this process is, 0 for the installed one; `undefined` where nothing would go back from it. */
  readonly programRelease: number | undefined;
  readonly runtimePath: string;
  /** Ends this process, soon. */
  readonly onRestart: () => void;
  /** Both are made of the modules, and are there when the agent starts. */
  readonly getCommands: () => Commands;
  readonly getLoop: () => AgentLoop;
}
