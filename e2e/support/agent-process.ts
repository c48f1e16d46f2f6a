import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { quickStart } from '@holdfast/testkit';
import { type CommandOutcome, holdfastEnvironment, runHoldfast } from './holdfast-process.ts';
import { insideNamespace } from './network.ts';
import { type RunningProcess, startProcess } from './running-process.ts';

// The same program that the command line starts: the bundle where one was built. Two versions must not share a state.
export const agentPath = ['../../apps/agent/dist/agent.mjs', '../../apps/agent/src/main.ts']
  .map((relative) => fileURLToPath(new URL(relative, import.meta.url)))
  .find((path) => existsSync(path)) as string;
const preloadPath = fileURLToPath(new URL('./other-computer.mjs', import.meta.url));

export interface ComputerOptions {
  /** Below the home of the test. */
  readonly home: string;
  readonly name: string;
  /** How far the clock is wrong. */
  readonly clockShiftMs?: number;
  readonly address?: string;
  /** Files that this computer has with another content, such as `/etc/os-release`. */
  readonly files?: Readonly<Record<string, string>>;
  /** Network namespace that it lives in; else that of the test. */
  readonly namespace?: string;
  /** Another program than the agent's own, with commands that only tests have. */
  readonly agentProgram?: string;
  /** More for the agent's process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * A second computer, played on this one: the agent's own program in a process that has another host name, another
 * machine id and, where wished for, another clock.
 */
export interface Computer {
  readonly name: string;
  readonly agentHome: string;
  enrol(tokenString: string): Promise<CommandOutcome>;
  /** Starts the agent; a second call starts it again. */
  run(): RunningProcess;
  status(): Promise<AgentStatus>;
  /** While this file exists, an inventory stands still in its middle; the same name with `.reached` says that one does. */
  readonly holdFile: string;
}

export interface AgentStatus {
  readonly isEnrolled: boolean;
  readonly isRunning: boolean;
  readonly productNumber: number | null;
  readonly groupPath: readonly string[] | null;
  readonly connection: { readonly phase: string; readonly clockOffsetMs: number } | null;
}

export async function createComputer(options: ComputerOptions): Promise<Computer> {
  const folder = join(options.home, `computer-${options.name}`);
  const files: Record<string, string> = {
    '/etc/machine-id': createHash('md5').update(folder).digest('hex'),
    // The firmware's id would tell that all of them are one machine.
    '/sys/class/dmi/id/product_uuid': '',
    ...options.files,
  };
  const overlay = join(folder, 'files');
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(overlay, path, '..'), { recursive: true });
    await writeFile(join(overlay, path), content);
  }
  const agentHome = join(folder, 'agent');
  const holdFile = join(folder, 'hold');
  const environment = {
    HOLDFAST_AGENT_HOME: agentHome,
    NODE_OPTIONS: [quickStart().NODE_OPTIONS, `--import=${preloadPath}`].join(' '),
    TEST_COMPUTER_NAME: options.name,
    TEST_COMPUTER_FILES: overlay,
    TEST_COMPUTER_CLOCK_SHIFT_MS: String(options.clockShiftMs ?? 0),
    TEST_COMPUTER_ADDRESS: options.address ?? '',
    TEST_COMPUTER_HOLD_FILE: holdFile,
    ...options.environment,
  };
  return {
    name: options.name,
    agentHome,
    holdFile,
    enrol: (tokenString) =>
      runHoldfast(options.home, ['agent', 'enroll', '-'], environment, `${tokenString}\n`, options.namespace),
    run() {
      const command = insideNamespace(options.namespace, process.execPath, [
        options.agentProgram ?? agentPath,
        'run',
      ]);
      return startProcess(command.file, command.args, holdfastEnvironment(options.home, environment));
    },
    async status() {
      const { stdout } = await runHoldfast(options.home, ['agent', 'status', '--json'], environment);
      return JSON.parse(stdout) as AgentStatus;
    },
  };
}
