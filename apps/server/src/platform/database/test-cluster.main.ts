/**
 * Process that holds one throw-away PostgreSQL cluster for all test processes of one run: the first test
 * that needs a database starts it, later ones find it by its socket, and it ends itself when the last one
 * has let go. It cannot outlive its purpose: the operating system ends PostgreSQL with it.
 */
import { chown, mkdir, open, readdir, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chooseBinaries, listBinaries } from './binaries.ts';
import { createCluster, SUPERVISOR_ROLE } from './cluster.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { connectOnce } from './database.ts';
import { migrateDatabase } from './migrate.ts';
import { SOCKET_PORT, startPostmaster } from './postmaster.ts';
import { runProgram } from './program.ts';
import { ensureServerDatabase, ensureServerRole, SERVER_ROLE } from './server-role.ts';
import { requireReachableBinaries } from './reachable-binaries.ts';
import { findSystemUser, type SystemUser } from './system-user.ts';
import { EMPTY_TEMPLATE, MIGRATED_TEMPLATE, TEST_PASSWORD, type TestClusterAnswer } from './test-cluster.ts';

const LINGER_MS = 3_000;
const START_LIMIT_MS = 60_000;

const [socketName, folderPrefix] = process.argv.slice(2);
if (socketName === undefined || folderPrefix === undefined)
  throw new Error('expected: socket name, folder prefix');

const clients = new Set<Socket>();
let lingerTimer: NodeJS.Timeout | undefined;
let end: () => Promise<void> = async () => process.exit(0);

const ready = Promise.withResolvers<TestClusterAnswer>();
const listener = createServer((socket) => {
  clients.add(socket);
  clearTimeout(lingerTimer);
  socket.on('error', () => {}); // A killed test process; its close follows.
  socket.on('close', () => {
    clients.delete(socket);
    endWhenUnused();
  });
  socket.resume();
  void ready.promise.then((answer) => socket.write(`${JSON.stringify(answer)}\n`));
});

function endWhenUnused(): void {
  clearTimeout(lingerTimer);
  if (clients.size > 0) return;
  lingerTimer = setTimeout(() => void end(), LINGER_MS);
}

// Listening is the lock: whoever comes second finds the name taken and leaves it to the first.
listener.once('error', () => process.exit(0));
listener.listen({ path: socketName.replace(/^@/, '\0') }, () => {
  endWhenUnused();
  startCluster(folderPrefix).then(
    (answer) => ready.resolve(answer),
    (error: unknown) => {
      ready.resolve({ error: error instanceof Error ? error.message : String(error) });
      // Late comers must not find a broken cluster: they start a new attempt.
      listener.close();
    },
  );
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end());

async function startCluster(prefix: string): Promise<TestClusterAnswer> {
  await removeLeftovers(prefix);
  const user = process.getuid?.() === 0 ? await findAnyUnprivilegedUser() : undefined;
  const folder = path.join(os.tmpdir(), `${prefix}-${process.pid}`);
  await mkdir(folder, { mode: 0o700 });
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const chosen = chooseBinaries(
    await listBinaries({ configuredFolder: process.env['HOLDFAST_POSTGRES_BIN'] }),
    undefined,
  );
  // A clone may lie where that account cannot enter.
  const binaries = await requireReachableBinaries(chosen, folder, user);
  const dataFolder = path.join(folder, 'data');
  await createCluster({
    binaries,
    dataFolder,
    user,
    password: TEST_PASSWORD,
    isDurable: false,
    configuration: [
      'max_connections = 200',
      'shared_buffers = 64MB',
      'jit = off',
      'autovacuum = off',
      'wal_level = minimal',
      'max_wal_senders = 0',
    ],
  });
  const log = await open(path.join(folder, 'postgresql.log'), 'a', 0o600);
  const launcher = await findLauncher(user);
  const child = startPostmaster({
    binaries,
    dataFolder,
    socketFolder: dataFolder,
    user,
    logDescriptor: log.fd,
    isDurable: false,
    ...(launcher === undefined ? {} : { launcher }),
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // Waiting for its end must keep this process alive.
  child.ref();
  let isEnding = false;
  end = async () => {
    if (isEnding) return;
    isEnding = true;
    listener.close();
    child.kill('SIGQUIT');
    await exited;
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    process.exit(0);
  };
  // A database that died takes the process along: the next test starts a fresh one.
  void exited.then(() => end());
  const supervisor: ConnectionSettings = {
    host: dataFolder,
    port: SOCKET_PORT,
    user: SUPERVISOR_ROLE,
    database: 'postgres',
    readPassword: () => TEST_PASSWORD,
  };
  await prepareTemplates(supervisor);
  return {
    host: dataFolder,
    port: SOCKET_PORT,
    supervisorRole: SUPERVISOR_ROLE,
    serverRole: SERVER_ROLE,
    version: binaries.version,
  };
}

async function prepareTemplates(supervisor: ConnectionSettings): Promise<void> {
  const client = await connectPatiently(supervisor);
  await ensureServerRole(client, TEST_PASSWORD);
  await ensureServerDatabase(client, EMPTY_TEMPLATE);
  await client.query(`create database ${MIGRATED_TEMPLATE} owner ${SERVER_ROLE} template ${EMPTY_TEMPLATE}`);
  await migrateDatabase({ connection: { ...supervisor, user: SERVER_ROLE, database: MIGRATED_TEMPLATE } });
  await client.query(`alter database ${MIGRATED_TEMPLATE} allow_connections false`);
  await client.end();
}

async function connectPatiently(connection: ConnectionSettings): ReturnType<typeof connectOnce> {
  const deadline = performance.now() + START_LIMIT_MS;
  for (;;) {
    try {
      return await connectOnce(connection, {
        applicationName: 'test-cluster',
        statementTimeoutMs: 0,
        connectTimeoutMs: 5_000,
      });
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(20);
    }
  }
}

/** Where the system can, PostgreSQL is ended by the kernel the moment this process dies, by whatever means. */
async function findLauncher(user: SystemUser | undefined): Promise<readonly string[] | undefined> {
  const identity = user === undefined ? [] : [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'];
  const launcher = ['setpriv', ...identity, '--pdeathsig=QUIT', '--'];
  const [program = '', ...args] = launcher;
  const trial = await runProgram(program, [...args, 'true']);
  return trial.exitCode === 0 ? launcher : undefined;
}

async function findAnyUnprivilegedUser(): Promise<SystemUser> {
  for (const name of ['holdfast', 'postgres', 'nobody']) {
    const user = await findSystemUser(name);
    if (user !== undefined) return user;
  }
  throw new Error('running as root needs a system user for PostgreSQL: "holdfast", "postgres" or "nobody"');
}

/** Folders of clusters whose process was killed. */
async function removeLeftovers(prefix: string): Promise<void> {
  for (const name of await readdir(os.tmpdir())) {
    const pid = Number(/^(?:.*)-(?<pid>\d+)$/.exec(name)?.groups?.['pid']);
    if (!name.startsWith(prefix.replace(/-[0-9a-f]+$/, '')) || !Number.isInteger(pid) || isAlive(pid))
      continue;
    await rm(path.join(os.tmpdir(), name), { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
