import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePort } from './free-port.ts';
import { until } from './until.ts';

export const cliPath = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));

/** A home of its own below the system's temporary folder. */
export async function createHome(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-e2e-'));
  // As root the database runs under a user of its own, which has to be able to pass through.
  await chmod(path, 0o711);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export interface HoldfastOptions {
  readonly home: string;
  readonly port?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly withAgent?: boolean;
}

export interface HoldfastProcess {
  readonly origin: string;
  readonly port: number;
  readonly setupLink: string | undefined;
  /** All that it has printed. */
  output(): string;
  readonly child: ChildProcess;
  /** Ctrl-C; resolves with the exit status. */
  stop(): Promise<number | null>;
}

/** Runs `holdfast up` as a person would, and waits until it says that it is ready. */
export async function startHoldfast(options: HoldfastOptions): Promise<HoldfastProcess> {
  const port = options.port ?? (await findFreePort());
  const child = spawn(
    process.execPath,
    [cliPath, 'up', ...(options.withAgent === false ? ['--no-agent'] : [])],
    {
      env: holdfastEnvironment(options.home, {
        HOLDFAST_PORT: String(port),
        HOLDFAST_HOST: '127.0.0.1',
        ...options.environment,
      }),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  let isOver = false;
  void exited.then(() => (isOver = true));
  await until(
    'holdfast up is ready',
    () => {
      if (isOver) throw new Error(`holdfast up ended early:\n${output}`);
      return output.includes('Ctrl-C stops everything.') ? true : undefined;
    },
    120_000,
  ).catch((error: unknown) => {
    child.kill('SIGTERM');
    throw new Error(`holdfast up did not get ready:\n${output}`, { cause: error });
  });
  return {
    origin: `https://localhost:${port}`,
    port,
    setupLink: /https:\/\/\S+\/setup#\S+/.exec(output)?.[0],
    output: () => output,
    child,
    async stop() {
      if (!isOver) child.kill('SIGINT');
      return exited;
    },
  };
}

/** Environment of a newcomer: nothing of the developer's own settings leaks in. */
export function holdfastEnvironment(
  home: string,
  more: Readonly<Record<string, string>> = {},
): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    TMPDIR: tmpdir(),
    LANG: 'C.UTF-8',
    HOLDFAST_HOME: join(home, 'state'),
    ...more,
  };
}

export interface CommandOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of the command line to its end. */
export async function runHoldfast(
  home: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  input?: string,
): Promise<CommandOutcome> {
  const child = spawn(process.execPath, [cliPath, ...args], {
    env: holdfastEnvironment(home, environment),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
  child.stdin.on('error', () => {}); // A command that does not read its input may end first.
  child.stdin.end(input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}
