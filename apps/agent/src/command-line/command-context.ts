import type { Clock } from '@holdfast/kernel';
import type { AgentConfig } from '../config.ts';
import type { Computer } from '../modules/agent-module.ts';
import type { AdjustableLog } from '../platform/log.ts';
import type { Output } from './output.ts';

/** What every command of the command line is given by main.ts. */
export interface CommandContext {
  readonly config: AgentConfig;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly log: AdjustableLog;
  readonly output: Output;
  readonly standardInput: AsyncIterable<Buffer | string>;
  /** Asks the person at the terminal and shows nothing of the answer; absent where there is no terminal. */
  readonly askSecret?: (question: string) => Promise<string>;
  /** Aborted when the process is asked to end. */
  readonly signal: AbortSignal;
  readonly platform: NodeJS.Platform;
  /** Something starts `run` again when it ends: a service, a container or `holdfast up`. */
  readonly isSupervised: boolean;
  readonly computer: Computer;
  /** File that was started: the bundle of a release, or main.ts of a clone. */
  readonly programPath: string;
  readonly runtimePath: string;
}
