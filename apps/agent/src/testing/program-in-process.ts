import { Readable } from 'node:stream';
import { systemClock } from '@holdfast/kernel';
import type { CommandContext } from '../command-line/command-context.ts';
import { runProgram } from '../command-line/program.ts';
import { loadConfig } from '../config.ts';
import { createLog } from '../platform/log.ts';
import type { ProgramResult } from './agent-process.ts';
import { createFakeComputer } from './fake-computer.ts';

export interface InProcessOptions {
  readonly home: string;
  /** False: the folder is only the home folder of the user. */
  readonly isHomeNamed?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly signal?: AbortSignal;
}

/** The agent's program in this process: the same as main.ts does, in a fraction of the time. */
export async function runInProcess(
  args: readonly string[],
  options: InProcessOptions,
): Promise<ProgramResult> {
  let stdout = '';
  let stderr = '';
  const output = {
    data: (text: string) => {
      stdout += text;
    },
    message: (text: string) => {
      stderr += text;
    },
  };
  const computer = createFakeComputer();
  const createContext = (): CommandContext => {
    const env = {
      ...(options.isHomeNamed === false ? {} : { HOLDFAST_AGENT_HOME: options.home }),
      ...options.env,
    };
    const config = loadConfig({ env, isRoot: false, homeFolder: options.home });
    return {
      config,
      clock: systemClock,
      random: Math.random,
      log: createLog({ clock: systemClock, level: config.logLevel, write: output.message }),
      output,
      standardInput: Readable.from([options.input ?? '']),
      signal: options.signal ?? new AbortController().signal,
      platform: process.platform,
      isSupervised: false,
      computer,
      programPath: '/nowhere/main.ts',
      runtimePath: process.execPath,
    };
  };
  const code = await runProgram(args, output, createContext);
  return { code, stdout, stderr };
}
