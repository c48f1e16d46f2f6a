import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import {
  createDatabase,
  type Database,
  migrateDatabase,
  type OpenDatabase,
  startEmbeddedDatabase,
} from '../../apps/server/src/platform/database/index.ts';
import { openKeys, type StoredKeys } from '../../apps/server/src/platform/keys/key-store.ts';
import {
  type ReadyEvent,
  type ServerProcess,
  spawnServer,
} from '../../apps/server/src/testing/server-process.ts';
import { findFreePort } from '../../e2e/support/free-port.ts';

/** A server process of the site that takes requests. */
export interface SiteServer {
  readonly origin: string;
  readonly port: number;
  readonly pid: number;
  readonly ready: ReadyEvent;
  /** Memory of the process after garbage collection. */
  memory(): Promise<ServerMemory>;
  /** As an administrator stops it. */
  stop(): Promise<void>;
}

export interface ServerMemory {
  readonly rss: number;
  readonly heapUsed: number;
  readonly arrayBuffers: number;
}

/**
 * Where a server of the benchmark lives: a home with keys, and the server's own kind of database with fsync, which stays while
 * servers come and go. All of it is gone after `close`.
 */
export interface Site {
  readonly home: string;
  readonly keys: StoredKeys;
  readonly db: Database;
  readonly opened: OpenDatabase;
  readonly databasePid: number;
  /** @param options.port the one that it had before, for products that come back to it */
  startServer(options?: { readonly port?: number; readonly profileFolder?: string }): Promise<SiteServer>;
  close(): Promise<void>;
}

const log = pino({ level: 'silent' });
const memoryPreload = fileURLToPath(new URL('./memory.preload.ts', import.meta.url));

export async function openSite(): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  // As root the database runs under a user of its own, which has to be able to pass through.
  await chmod(folder, 0o711);
  const database = await startEmbeddedDatabase({ home: folder, log });
  const { connection } = database;
  await migrateDatabase({ connection });
  const opened = createDatabase({
    connection,
    applicationName: 'holdfast-bench',
    statementTimeoutMs: 0,
    maxSilenceMs: 0,
  });
  // Beside the home of the database: each is locked by its own process.
  const home = join(folder, 'server');
  const keysFolder = join(home, 'keys');
  await mkdir(keysFolder, { recursive: true, mode: 0o700 });
  const keys = await openKeys({ folder: keysFolder, log, nowMs: Date.now(), hasProducts: async () => false });
  const url = new URL(`postgresql://${connection.user}@localhost/${connection.database}`);
  url.password = connection.readPassword?.() ?? '';
  url.searchParams.set('host', connection.host);
  url.searchParams.set('port', String(connection.port));
  const servers = new Set<SiteServer>();
  let closing: Promise<void> | undefined;
  const closeAll = async (isHurried: boolean): Promise<void> => {
    for (const server of servers) await server.stop();
    // A statement under way would keep its connection until it is over.
    if (!isHurried) await opened.close();
    await database.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  };
  const close = (isHurried = false): Promise<void> => (closing ??= closeAll(isHurried));
  // Ended early, it leaves no database behind either.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void close(true).finally(() => process.exit(1)));
  }
  return {
    home,
    keys,
    db: opened.db,
    opened,
    databasePid: database.pid ?? 0,
    async startServer(options = {}) {
      const port = options.port ?? (await findFreePort());
      const profiling =
        options.profileFolder === undefined ? '' : ` --cpu-prof --cpu-prof-dir=${options.profileFolder}`;
      const child = spawnServer(home, {
        HOLDFAST_PORT: String(port),
        HOLDFAST_DATABASE_URL: url.href.replace('@localhost/', '@/'),
        NODE_OPTIONS: `--expose-gc --import=${memoryPreload}${profiling}`,
      });
      const server = await toSiteServer(child, port, () => servers.delete(server));
      servers.add(server);
      return server;
    },
    close: () => close(),
  };
}

async function toSiteServer(process: ServerProcess, port: number, onStop: () => void): Promise<SiteServer> {
  const { child } = process;
  const ready = await process.next('ready');
  return {
    origin: `https://localhost:${port}`,
    port,
    pid: child.pid ?? 0,
    ready,
    memory: () =>
      new Promise((resolve, reject) => {
        const onMessage = (message: { readonly memory?: ServerMemory }): void => {
          if (message.memory === undefined) return;
          child.off('message', onMessage);
          resolve(message.memory);
        };
        child.on('message', onMessage);
        child.send({ bench: 'memory' }, (error) => {
          if (error !== null) reject(error);
        });
      }),
    async stop() {
      if (child.exitCode === null) child.kill('SIGTERM');
      await process.exited;
      onStop();
    },
  };
}
