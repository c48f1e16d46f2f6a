import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { quickStart } from '@holdfast/testkit';
import { findFreePort } from './free-port.ts';
import { insideNamespace } from './network.ts';
import { listDescendants, startProcess } from './running-process.ts';
import { until } from './until.ts';

const launcherPath = fileURLToPath(new URL('../../bin/up', import.meta.url));
export const cliPath = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));

/** A home of its own below the system's temporary folder. */
export async function createHome(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-e2e-'));
  // As root the database runs under a user of its own, which has to be able to pass through.
  await chmod(path, 0o711);
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 10 }) };
}

export interface HoldfastOptions {
  readonly home: string;
  readonly port?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly withAgent?: boolean;
  /** As `npm start` runs it; else from the source of the command line, which follows what is edited. */
  readonly isAsStarted?: boolean;
  /** Network namespace that it runs in; else that of the test. */
  readonly namespace?: string;
}

export interface HoldfastProcess {
  readonly origin: string;
  readonly port: number;
  readonly setupLink: string | undefined;
  readonly pid: number;
  /** All that it has printed. */
  output(): string;
  isOver(): boolean;
  /** Resolves with the exit status. */
  readonly exited: Promise<number | null>;
  /** Process ids of one of the programs that it has started. */
  findProgram(name: 'server' | 'agent'): number | undefined;
  /** Ctrl-C; resolves with the exit status. */
  stop(): Promise<number | null>;
}

/** Runs `holdfast up` as a person would, and waits until it says that it is ready. */
export async function startHoldfast(options: HoldfastOptions): Promise<HoldfastProcess> {
  const port = options.port ?? (await findFreePort());
  const more = options.withAgent === false ? ['--no-agent'] : [];
  const command =
    options.isAsStarted === true
      ? insideNamespace(options.namespace, launcherPath, more)
      : insideNamespace(options.namespace, process.execPath, [cliPath, 'up', ...more]);
  const started = startProcess(
    command.file,
    command.args,
    holdfastEnvironment(options.home, {
      HOLDFAST_PORT: String(port),
      HOLDFAST_HOST: '127.0.0.1',
      ...options.environment,
    }),
  );
  try {
    await until(
      'holdfast up is ready',
      () => {
        if (started.isOver()) throw new Error('holdfast up ended early');
        return started.output().includes('Ctrl-C stops everything.') ? true : undefined;
      },
      90_000,
    );
  } catch (error) {
    await started.stop();
    throw new Error(`holdfast up did not get ready:\n${started.output()}`, { cause: error });
  }
  return {
    origin: `https://localhost:${port}`,
    port,
    setupLink: /https:\/\/\S+\/setup#\S+/u.exec(started.output())?.[0],
    pid: started.pid,
    output: started.output,
    isOver: started.isOver,
    exited: started.exited,
    findProgram: (name) =>
      listDescendants(started.pid).find(
        (entry) =>
          entry.parentPid === started.pid &&
          new RegExp(`/apps/${name}/src/main\\.ts|/(?:dist|programs)/${name}\\.mjs`, 'u').test(
            entry.commandLine,
          ),
      )?.pid,
    stop: () => started.stop(),
  };
}

/** Environment of a newcomer: nothing of the developer's own settings leaks in. What is compiled and bundled, tests share. */
export function holdfastEnvironment(
  home: string,
  more: Readonly<Record<string, string>> = {},
): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    TMPDIR: tmpdir(),
    LANG: 'C.UTF-8',
    ...quickStart(),
    HOLDFAST_HOME: join(home, 'state'),
    ...more,
  };
}

export interface CommandOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const commandLimitMs = 60_000;

/** Runs a command of the command line to its end, which has to come within a minute. */
export async function runHoldfast(
  home: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  input?: string,
  namespace?: string,
): Promise<CommandOutcome> {
  const command = insideNamespace(namespace, process.execPath, [cliPath, ...args]);
  const started = startProcess(command.file, command.args, holdfastEnvironment(home, environment), input);
  let stdout = '';
  let stderr = '';
  started.child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
  started.child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
  const closed = new Promise<void>((resolve) => started.child.once('close', () => resolve()));
  const timer = setTimeout(() => void started.stop(1_000), commandLimitMs);
  const code = await started.exited;
  await closed;
  clearTimeout(timer);
  return { code, stdout, stderr };
}
