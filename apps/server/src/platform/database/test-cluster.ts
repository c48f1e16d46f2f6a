import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readMigrationFiles } from './migration-file.ts';

/** The clusters of tests hold nothing worth a secret and listen on a private socket only. */
export const TEST_PASSWORD = 'test-only';
export const EMPTY_TEMPLATE = 'template_empty';
export const MIGRATED_TEMPLATE = 'template_migrated';

export interface TestCluster {
  readonly host: string;
  readonly port: number;
  readonly supervisorRole: string;
  readonly serverRole: string;
  readonly version: string;
}

export type TestClusterAnswer = TestCluster | { readonly error: string };

const PATIENCE_MS = 120_000;

let shared: Promise<TestCluster> | undefined;

/** The cluster that all processes of one run of the tests share; the first call of all starts it. */
export function findTestCluster(): Promise<TestCluster> {
  shared ??= joinTestCluster();
  return shared;
}

async function joinTestCluster(): Promise<TestCluster> {
  const key = await computeKey();
  const prefix = `holdfast-test-${os.userInfo().uid}-${key}`;
  // An abstract socket exists in the kernel only: it disappears with its process, so it can never be stale.
  const socketName = process.platform === 'linux' ? `@${prefix}` : path.join(os.tmpdir(), `${prefix}.sock`);
  const deadline = performance.now() + PATIENCE_MS;
  let holder: ChildProcess | undefined;
  for (;;) {
    const answer = await ask(socketName);
    if (answer !== undefined && !('error' in answer)) return answer;
    if (answer !== undefined) throw new Error(`the database for tests did not start: ${answer.error}`);
    if (performance.now() > deadline) throw new Error('the database for tests did not start in time');
    // Whoever loses the race for the socket leaves at once. One that is only slow, on a busy machine, is waited for: starting
    // another each time would make it busier.
    if (holder === undefined || holder.exitCode !== null || holder.signalCode !== null)
      holder = startHolder(socketName, prefix);
    await delay(25);
  }
}

function startHolder(socketName: string, prefix: string): ChildProcess {
  const main = fileURLToPath(new URL('./test-cluster.main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, socketName, prefix], {
    cwd: '/',
    detached: true,
    stdio: 'ignore',
    // The runner's own variables would make the process a test of its own.
    env: {
      ...process.env,
      NODE_TEST_CONTEXT: undefined,
      NODE_OPTIONS: undefined,
      NODE_V8_COVERAGE: undefined,
    },
  });
  child.unref();
  return child;
}

/** The connection stays open for the life of this process: it is what keeps the cluster alive. */
function ask(socketName: string): Promise<TestClusterAnswer | undefined> {
  return new Promise((resolve) => {
    const socket: Socket = connect({ path: socketName.replace(/^@/, '\0') });
    let text = '';
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => resolve(undefined));
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
      if (!text.endsWith('\n')) return;
      socket.unref();
      resolve(JSON.parse(text) as TestClusterAnswer);
    });
  });
}

/**
 * Other migrations or other binaries make another cluster, and so does another folder for temporary files: each run of
 * the tests has one of its own and removes it at its end, with all that lies in it.
 */
async function computeKey(): Promise<string> {
  const hash = createHash('sha256').update(`${process.env['HOLDFAST_POSTGRES_BIN'] ?? ''}\0${os.tmpdir()}\0`);
  for (const file of await readMigrationFiles()) hash.update(file.name).update(file.checksum);
  return hash.digest('hex').slice(0, 8);
}
