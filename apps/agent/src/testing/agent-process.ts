import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { quickStart } from '@holdfast/testkit';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

export interface ProgramResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface AgentProcessOptions {
  readonly home: string;
  /** Another main than the product's own, for commands that only tests have. */
  readonly main?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly runtimeArguments?: readonly string[];
  /** Process in whose mounts it runs; else those of the test. */
  readonly mountsOf?: number | undefined;
}

/** Runs the agent's program to its end. */
export async function runProgram(
  args: readonly string[],
  options: AgentProcessOptions,
): Promise<ProgramResult> {
  const child = start(args, options);
  const [stdout, stderr, code] = await Promise.all([
    collect(child.stdout),
    collect(child.stderr),
    once(child, 'exit').then(([exitCode]: (number | null)[]) => exitCode ?? null),
  ]);
  return { code, stdout, stderr };
}

export interface AgentProcess {
  readonly processId: number;
  /** What it logged so far. */
  readonly log: () => string;
  readonly exitCode: () => number | null;
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts the agent and ends it, if nobody else has, after the test. */
export function startAgentProcess(t: TestContext, options: AgentProcessOptions): AgentProcess {
  const child = start(['run'], options);
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  child.stdout?.resume();
  const exit = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null);
  const kill = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return await exit;
  };
  t.after(() => kill('SIGKILL'));
  return { processId: child.pid ?? 0, log: () => log, exitCode: () => child.exitCode, kill };
}

function start(args: readonly string[], options: AgentProcessOptions): ChildProcess {
  const { home, main = MAIN, env = {}, input, runtimeArguments = [], mountsOf } = options;
  const [file = '', ...words] = [
    ...(mountsOf === undefined ? [] : ['nsenter', '--target', String(mountsOf), '--mount']),
    process.execPath,
    ...runtimeArguments,
    main,
    ...args,
  ];
  const child = spawn(file, words, {
    env: {
      PATH: process.env['PATH'] ?? '',
      ...quickStart(),
      HOLDFAST_AGENT_HOME: home,
      ...env,
    },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  // A program that ends before it has read everything is judged by its exit code.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  return child;
}

async function collect(stream: AsyncIterable<Buffer> | null): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) text += chunk.toString();
  return text;
}
