import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@holdfast/kernel';
import type pg from 'pg';
import type { ConnectionSettings } from './connection-settings.ts';
import { cutConnection } from './cut-connection.ts';
import { connectOnce } from './database.ts';
import { DatabaseError } from './database.errors.ts';
import type { StatementBarrier } from './patient-pool.ts';
import type { DatabaseLog } from './supervisor.ts';
import { createUnavailableError } from './sql-state.ts';

export interface ServerLockOptions {
  readonly connection: ConnectionSettings;
  /** Shown to whoever is refused. */
  readonly hostName: string;
  readonly processId: number;
  readonly clock: Clock;
  readonly log: DatabaseLog;
  /** Another server has the database now. Nothing more is written by this one; it is to end. */
  readonly onTaken: (error: DatabaseError) => void;
  /** How long a start waits for a holder that is just ending. */
  readonly maxWaitMs?: number;
  readonly signal?: AbortSignal;
}

/** Who has the lock, as far as the database tells. */
interface Holder {
  /** Process of the database that serves it. */
  readonly backendPid: number;
  readonly name: string;
  readonly since: Date | null;
}

// Any constant will do, as long as no other use of advisory locks in this database has the same.
const SERVER_LOCK_KEY = 4_801_202_640;
const START_WAIT_MS = 3_000;
const POLL_MS = 100;
/**
 * Together less than the time after which the database gives up a connection whose other end has vanished: a server that is cut off
 * notices, and stops writing, before another one can get the lock.
 */
const CHECK_INTERVAL_MS = 3_000;
const CHECK_LIMIT_MS = 5_000;
const KEEP_ALIVE =
  'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3';
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

const APPLICATION_NAME = /^holdfast-lock (?<id>[0-9a-f]{8}) (?<pid>\d+)@(?<host>.*)$/u;

/**
 * What makes one server process the only one that works on a database: a lock of a database connection that is used for nothing else.
 * It goes with the connection, so that nobody has to clean up after a process that was killed. When the connection breaks, the lock is
 * taken again, and until then no statement passes; when somebody else has it by then, none passes any more.
 */
export class ServerLock implements StatementBarrier {
  readonly #options: ServerLockOptions;
  readonly #id = randomBytes(4).toString('hex');
  readonly #checks: NodeJS.Timeout;
  #client: pg.Client | undefined;
  #taken: DatabaseError | undefined;
  #isReleased = false;
  #back = Promise.withResolvers<void>();

  private constructor(options: ServerLockOptions) {
    this.#options = options;
    this.#checks = setInterval(() => void this.#check(), CHECK_INTERVAL_MS);
    this.#checks.unref();
  }

  /** @throws DatabaseError DATABASE_IN_USE, which says by whom; DATABASE_UNAVAILABLE */
  static async take(options: ServerLockOptions): Promise<ServerLock> {
    const lock = new ServerLock(options);
    try {
      await lock.#takeFirst();
      return lock;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  get isOpen(): boolean {
    return this.#client !== undefined;
  }

  async pass(maxWaitMs: number): Promise<void> {
    const deadline = this.#options.clock.monotonic() + maxWaitMs;
    while (!this.isOpen) {
      if (this.#taken !== undefined) throw this.#taken;
      const remainingMs = deadline - this.#options.clock.monotonic();
      if (this.#isReleased || !(remainingMs > 0)) throw createUnavailableError(undefined, 'safe');
      const patience = new AbortController();
      await Promise.race([
        this.#back.promise,
        delay(remainingMs, undefined, { signal: patience.signal }).catch(() => {}),
      ]);
      patience.abort();
    }
  }

  async release(): Promise<void> {
    this.#isReleased = true;
    clearInterval(this.#checks);
    const client = this.#client;
    this.#client = undefined;
    this.#back.resolve();
    await client?.end().catch(() => {});
  }

  async #takeFirst(): Promise<void> {
    const { clock, signal, maxWaitMs = START_WAIT_MS } = this.#options;
    const deadline = clock.monotonic() + maxWaitMs;
    for (;;) {
      signal?.throwIfAborted();
      const holder = await this.#try();
      if (holder === undefined) return;
      if (!(clock.monotonic() < deadline)) throw createInUseError(holder);
      await delay(POLL_MS, undefined, signal === undefined ? {} : { signal });
    }
  }

  /** Takes the lock, or answers who has it. */
  async #try(): Promise<Holder | undefined> {
    const { hostName, processId, connection } = this.#options;
    const client = await connectOnce(connection, {
      // The database keeps 63 characters of it.
      applicationName:
        `holdfast-lock ${this.#id} ${processId}@${hostName.replace(/[^\x21-\x7e]/gu, '?')}`.slice(0, 63),
      statementTimeoutMs: CHECK_LIMIT_MS,
      connectTimeoutMs: CHECK_LIMIT_MS,
    });
    try {
      await client.query(KEEP_ALIVE);
      const { rows } = await client.query<{ is_held: boolean }>(
        'select pg_try_advisory_lock($1) as is_held',
        [SERVER_LOCK_KEY],
      );
      if (rows[0]?.is_held === true && !this.#isReleased) {
        client.on('end', () => this.#onLost(client));
        this.#client = client;
        return undefined;
      }
      const holder = await findHolder(client);
      await client.end();
      return holder;
    } catch (error) {
      cutConnection(client);
      throw error;
    }
  }

  /** A connection whose other end has vanished says nothing by itself. */
  async #check(): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    const limit = new AbortController();
    try {
      await Promise.race([
        client.query('select 1'),
        delay(CHECK_LIMIT_MS, undefined, { signal: limit.signal }).then(() => {
          throw createUnavailableError(undefined, 'safe');
        }),
      ]);
    } catch {
      cutConnection(client);
      this.#onLost(client);
    } finally {
      limit.abort();
    }
  }

  #onLost(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#back = Promise.withResolvers();
    this.#options.log.warn({}, 'the connection that holds the lock of the database broke; it is taken again');
    void this.#regain();
  }

  async #regain(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.#isReleased) {
      try {
        const holder = await this.#try();
        if (holder === undefined) {
          this.#back.resolve();
          this.#options.log.info({}, 'the lock of the database is held again');
          return;
        }
        // The former connection, of whose end the database does not know yet.
        if (this.#isOwn(holder)) await this.#endBackend(holder);
        else if (holder.backendPid !== 0) return this.#giveUp(holder);
      } catch {
        // The database is away: it is waited for as long as it takes, and nothing is written meanwhile.
      }
      await delay(pauseMs);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  #isOwn({ name }: Holder): boolean {
    return APPLICATION_NAME.exec(name)?.groups?.['id'] === this.#id;
  }

  async #endBackend({ backendPid }: Holder): Promise<void> {
    const client = await connectOnce(this.#options.connection, {
      applicationName: 'holdfast-server',
      statementTimeoutMs: CHECK_LIMIT_MS,
      connectTimeoutMs: CHECK_LIMIT_MS,
    });
    try {
      await client.query('select pg_terminate_backend($1)', [backendPid]);
    } finally {
      await client.end();
    }
  }

  #giveUp(holder: Holder): void {
    this.#taken = createTakenError(holder);
    this.#back.resolve();
    this.#options.onTaken(this.#taken);
  }
}

async function findHolder(client: pg.Client): Promise<Holder> {
  const { rows } = await client.query<{ pid: number; name: string | null; since: Date | null }>(
    `select l.pid, a.application_name as name, a.backend_start as since
     from pg_locks l left join pg_stat_activity a on a.pid = l.pid
     where l.locktype = 'advisory' and l.granted and l.objsubid = 1
       and l.database = (select oid from pg_database where datname = current_database())
       and l.classid = ($1::bigint >> 32)::oid and l.objid = ($1::bigint & 4294967295)::oid`,
    [SERVER_LOCK_KEY],
  );
  const [row] = rows;
  // It has let go in this moment.
  if (row === undefined) return { backendPid: 0, name: '', since: null };
  return { backendPid: row.pid, name: row.name ?? '', since: row.since };
}

function describeHolder({ name, since }: Holder): {
  readonly text: string;
  readonly facts: Record<string, string | number>;
} {
  const { pid, host } = APPLICATION_NAME.exec(name)?.groups ?? {};
  const sinceText = since instanceof Date ? since.toISOString() : undefined;
  const where = pid === undefined || host === undefined ? '' : `, process ${pid} on ${host}`;
  return {
    text: `${where}${sinceText === undefined ? '' : `, since ${sinceText}`}`,
    facts: {
      ...(pid === undefined ? {} : { pid: Number(pid) }),
      ...(host === undefined ? {} : { host }),
      ...(sinceText === undefined ? {} : { since: sinceText }),
    },
  };
}

function createInUseError(holder: Holder): DatabaseError {
  const { text, facts } = describeHolder(holder);
  return new DatabaseError('DATABASE_IN_USE', `Another Holdfast server works on this database${text}.`, {
    retry: 'safe',
    facts,
    remedy:
      'Use that server, or stop it first. One database serves one server process; another server needs a database of its own.',
  });
}

function createTakenError(holder: Holder): DatabaseError {
  const { text, facts } = describeHolder(holder);
  return new DatabaseError(
    'DATABASE_TAKEN',
    `The connection to the database broke, and another Holdfast server has taken the database meanwhile${text}. This one ends.`,
    { facts, remedy: 'Decide which of the two servers is to run, and start no other one on this database.' },
  );
}
