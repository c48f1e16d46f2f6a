import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Clock, systemClock } from '@holdfast/kernel';
import { chooseBinaries, listBinaries } from './binaries.ts';
import { BoundedLog } from './bounded-log.ts';
import { createCluster, findClusterMajor, removeUnfinishedClusters, SUPERVISOR_ROLE } from './cluster.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { connectOnce } from './database.ts';
import { DatabaseError } from './database.errors.ts';
import { type DatabaseKey, prepareDatabaseKey, readDatabaseKey } from './database-key.ts';
import { prepareHome } from './folder-access.ts';
import { acquireFolderLock } from './folder-lock.ts';
import { SOCKET_PORT } from './postmaster.ts';
import { findLivingPostmaster, findPostmasterPid } from './postmaster-pid.ts';
import { runProgram } from './program.ts';
import { listCopiedBinaryFolders, requireReachableBinaries } from './reachable-binaries.ts';
import { ensureServerDatabase, ensureServerRole, SERVER_DATABASE, SERVER_ROLE } from './server-role.ts';
import { prepareSocketFolder, type SocketFolder } from './socket-folder.ts';
import { type DatabaseLog, PostgresSupervisor, type SupervisorState } from './supervisor.ts';
import { requireSystemUser, type SystemUser } from './system-user.ts';

export interface EmbeddedDatabaseOptions {
  /** HOLDFAST_HOME. */
  readonly home: string;
  readonly log: DatabaseLog;
  readonly clock?: Clock;
  /** HOLDFAST_DATABASE_OS_USER: the account for the database when this process is root. */
  readonly systemUserName?: string | undefined;
  /** HOLDFAST_POSTGRES_BIN. */
  readonly binariesFolder?: string | undefined;
  readonly startLimitMs?: number;
  /** Gives a start up, so that a server that is told to stop meanwhile leaves nothing running. */
  readonly signal?: AbortSignal;
}

export interface EmbeddedDatabase {
  /** For the server: the owner of its database and of nothing else. */
  readonly connection: ConnectionSettings;
  readonly state: SupervisorState;
  /** Process number of PostgreSQL while there is one. */
  readonly pid: number | undefined;
  /** How this start found it. */
  readonly origin: 'adopted' | 'started';
  /** `down` and `up` as PostgreSQL dies and comes back. Returns the function that ends the subscription. */
  onChange(listener: (state: SupervisorState) => void): () => void;
  /** Stops PostgreSQL cleanly, within bounds, and gives the folder free. Close the connections first. */
  stop(): Promise<void>;
}

/** Small on purpose: beside it run a server and an agent. An administrator may change it in postgresql.conf. */
const CONFIGURATION = [
  'max_connections = 40',
  'shared_buffers = 128MB',
  'effective_cache_size = 512MB',
  'work_mem = 8MB',
  'maintenance_work_mem = 64MB',
  'max_wal_size = 512MB',
  'wal_compression = on',
  'jit = off',
  "log_line_prefix = '%m [%p] '",
  'log_checkpoints = off',
  'log_connections = off',
];

/**
 * Brings up our own PostgreSQL in HOLDFAST_HOME: makes it at the first start, adopts or starts it later, and
 * keeps it running until `stop`. When this throws, nothing of ours is left running.
 *
 * @throws DatabaseError with every code of running our own database
 */
export async function startEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  if (process.platform === 'win32') {
    throw new DatabaseError(
      'DATABASE_BINARIES_MISSING',
      'Holdfast does not run a database of its own on Windows.',
      {
        remedy: 'Set HOLDFAST_DATABASE_URL to a PostgreSQL server.',
      },
    );
  }
  const { home, log } = options;
  const clock = options.clock ?? systemClock;
  const dataFolder = databaseFolder(home);
  const user = await findOwner(
    dataFolder,
    await requireSystemUser(options.systemUserName),
    options.systemUserName,
  );
  await prepareHome(home, user);
  await mkdir(path.join(home, 'run'), { recursive: true, mode: 0o700 });
  const lock = await acquireFolderLock(path.join(home, 'run', 'database.lock'));
  const postgresLog = new BoundedLog(path.join(home, 'log', 'postgresql.log'));
  let socket: SocketFolder | undefined;
  try {
    const clusterMajor = await findClusterMajor(dataFolder);
    const candidates = await listBinaries({
      configuredFolder: options.binariesFolder,
      copiedFolders: await listCopiedBinaryFolders(home),
    });
    const binaries = await requireReachableBinaries(chooseBinaries(candidates, clusterMajor), home, user);
    const key = await prepareCluster({ home, dataFolder, binaries, user, log }, clusterMajor);
    socket = await chooseSocketFolder(dataFolder, user);
    if (socket.reason !== undefined) log.warn({ folder: socket.folder }, socket.reason);
    await postgresLog.open();
    const supervisorConnection = toConnection(socket.folder, key, 'supervisor');
    const supervisor = new PostgresSupervisor({
      binaries,
      dataFolder,
      socketFolder: socket.folder,
      user,
      supervisor: supervisorConnection,
      postgresLog,
      log,
      clock,
      startLimitMs: options.startLimitMs ?? 60_000,
    });
    const release = createRelease(supervisor, postgresLog, socket, lock);
    const giveUp = (): void => void supervisor.stop();
    options.signal?.addEventListener('abort', giveUp, { once: true });
    try {
      const origin = await supervisor.start();
      log.info({ origin, version: binaries.version, databasePid: supervisor.pid }, 'the database is ready');
      await prepareServerDatabase(supervisorConnection, key);
      options.signal?.throwIfAborted();
      return {
        connection: toConnection(socket.folder, key, 'server'),
        origin,
        get state() {
          return supervisor.state;
        },
        get pid() {
          return supervisor.pid;
        },
        onChange: (listener) => supervisor.onChange(listener),
        stop: release,
      };
    } catch (error) {
      await supervisor.stop();
      throw error;
    } finally {
      // Whoever is given a running database decides when it stops: last, after those who use it.
      options.signal?.removeEventListener('abort', giveUp);
    }
  } catch (error) {
    await postgresLog.close();
    await socket?.remove();
    await lock.release();
    throw error;
  }
}

export function databaseFolder(home: string): string {
  return path.join(home, 'database');
}

/**
 * How to reach the database of a server that is running on this HOLDFAST_HOME, for the backup command.
 *
 * @throws DatabaseError DATABASE_UNAVAILABLE when none is running, DATABASE_KEY_MISSING
 */
export async function findEmbeddedConnection(home: string): Promise<ConnectionSettings> {
  const dataFolder = databaseFolder(path.resolve(home));
  const stated = await findPostmasterPid(dataFolder);
  if (stated === undefined || (await findLivingPostmaster(dataFolder)) === undefined) {
    throw new DatabaseError('DATABASE_UNAVAILABLE', `No Holdfast database is running in "${home}".`, {
      retry: 'safe',
      remedy: 'Start the server first, or name the right folder in HOLDFAST_HOME.',
    });
  }
  return toConnection(stated.socketFolder, await readDatabaseKey(home), 'server');
}

async function prepareCluster(
  place: {
    readonly home: string;
    readonly dataFolder: string;
    readonly binaries: Parameters<typeof createCluster>[0]['binaries'];
    readonly user: SystemUser | undefined;
    readonly log: DatabaseLog;
  },
  clusterMajor: number | undefined,
): Promise<DatabaseKey> {
  await removeUnfinishedClusters(place.dataFolder);
  if (clusterMajor !== undefined) return await readDatabaseKey(place.home);
  const key = await prepareDatabaseKey(place.home);
  place.log.info({ version: place.binaries.version }, 'making the database; this takes a few seconds');
  await createCluster({
    binaries: place.binaries,
    dataFolder: place.dataFolder,
    user: place.user,
    password: key.derivePassword('supervisor'),
    isDurable: true,
    configuration: CONFIGURATION,
  });
  return key;
}

/** A kill between any two of these steps is made good by the next start. */
async function prepareServerDatabase(supervisor: ConnectionSettings, key: DatabaseKey): Promise<void> {
  const client = await connectOnce(supervisor, {
    applicationName: 'holdfast-supervisor',
    statementTimeoutMs: 60_000,
    connectTimeoutMs: 10_000,
  });
  try {
    await ensureServerRole(client, key.derivePassword('server'));
    await ensureServerDatabase(client);
  } finally {
    await client.end();
  }
}

/** An adopted database keeps the socket that it has. */
async function chooseSocketFolder(dataFolder: string, user: SystemUser | undefined): Promise<SocketFolder> {
  const stated = await findPostmasterPid(dataFolder);
  const isRunning = (await findLivingPostmaster(dataFolder)) !== undefined;
  if (stated === undefined || !isRunning || stated.socketFolder === dataFolder) {
    return await prepareSocketFolder(dataFolder, user);
  }
  return { folder: stated.socketFolder, reason: undefined, remove: async () => {} };
}

function toConnection(
  socketFolder: string,
  key: DatabaseKey,
  role: 'supervisor' | 'server',
): ConnectionSettings {
  const password = key.derivePassword(role);
  const isServer = role === 'server';
  return {
    host: socketFolder,
    port: SOCKET_PORT,
    user: isServer ? SERVER_ROLE : SUPERVISOR_ROLE,
    database: isServer ? SERVER_DATABASE : 'postgres',
    readPassword: () => password,
  };
}

/** PostgreSQL runs as the owner of its files and as nobody else. */
async function findOwner(
  dataFolder: string,
  user: SystemUser | undefined,
  configuredName: string | undefined,
): Promise<SystemUser | undefined> {
  const folder = await stat(dataFolder).catch(() => undefined);
  const ownUid = user?.uid ?? process.getuid?.();
  if (folder === undefined || folder.uid === ownUid) return user;
  // An empty folder that root made beforehand is replaced by the new cluster.
  if (user !== undefined && folder.uid === 0) return user;
  if (user !== undefined && configuredName === undefined) {
    const name = await runProgram('id', ['-un', String(folder.uid)]);
    if (name.exitCode === 0) return { name: name.output.trim(), uid: folder.uid, gid: folder.gid };
  }
  throw new DatabaseError(
    'DATABASE_FOLDER_NOT_REACHABLE',
    `The database folder "${dataFolder}" belongs to the user with number ${folder.uid}, so this process cannot run it.`,
    {
      facts: { folder: dataFolder, owner: folder.uid },
      remedy:
        'Start Holdfast as the user that made the folder, give the folder to the right user with chown -R, or set HOLDFAST_HOME to another folder.',
    },
  );
}

function createRelease(
  supervisor: PostgresSupervisor,
  postgresLog: BoundedLog,
  socket: SocketFolder,
  lock: { release(): Promise<void> },
): () => Promise<void> {
  return async () => {
    await supervisor.stop();
    await postgresLog.close();
    await socket.remove();
    await lock.release();
  };
}
