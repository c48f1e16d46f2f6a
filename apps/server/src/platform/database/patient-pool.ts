import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@holdfast/kernel';
import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import pg from 'pg';
import { cutConnection } from './cut-connection.ts';
import { DatabaseTrouble } from './database-trouble.ts';
import { StatementNames } from './statement-names.ts';
import {
  createBusyError,
  createUnavailableError,
  findSqlState,
  isConnectionLost,
  isPoolExhausted,
  SqlState,
  wrapConnectError,
  wrapStatementError,
} from './sql-state.ts';

export interface PatientPoolOptions {
  readonly config: pg.ClientConfig;
  readonly maxConnections: number;
  /** How long a caller waits for a database that is away before it is told so. */
  readonly maxWaitMs: number;
  /** How long a connection may stay silent on a statement before it counts as lost. Zero: for ever. */
  readonly maxSilenceMs: number;
  readonly clock: Clock;
  readonly barrier?: StatementBarrier | undefined;
  /** Asks over a connection of its own whether the database takes changes, and notes it when it does. Never throws. */
  readonly askAgain: () => Promise<unknown>;
}

/** Keeps statements back while this server may not work on the database. */
export interface StatementBarrier {
  readonly isOpen: boolean;
  /** Resolves once it is open. @throws DatabaseError when it does not open in time, or never again */
  pass(maxWaitMs: number): Promise<void>;
}

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 250;

/**
 * A connection pool that waits for a database that is away, up to a bound, and that speaks in this
 * server's errors. A statement that was sent and not answered ends as `outcome-unknown`; a statement that
 * never got a connection ends as `safe` to repeat.
 *
 * Connections that were made while the database could only be read may stay so for ever: once it takes changes again, all of them are
 * replaced.
 */
export class PatientPool implements PostgresPool {
  readonly options: object = {};
  readonly #pool: pg.Pool;
  readonly #settings: PatientPoolOptions;
  // The query layer remembers connections by identity, so that one client always gets the same wrapper.
  readonly #planned = new WeakMap<pg.PoolClient, GuardedClient>();
  readonly #prepared = new WeakMap<pg.PoolClient, GuardedClient>();
  readonly #names = new StatementNames();
  readonly #madeIn = new WeakMap<pg.PoolClient, number>();
  readonly #trouble: DatabaseTrouble;

  constructor(settings: PatientPoolOptions) {
    this.#settings = settings;
    this.#trouble = new DatabaseTrouble(settings);
    this.#pool = new pg.Pool({
      ...settings.config,
      max: settings.maxConnections,
      connectionTimeoutMillis: settings.maxWaitMs,
      idleTimeoutMillis: 30_000,
    });
    // A connection that dies in the pool is replaced at the next checkout; the event must have a listener.
    this.#pool.on('error', () => {});
    // The same for one that dies while it is in use: its statement reports the loss.
    this.#pool.on('connect', (client) => {
      client.on('error', () => {});
      this.#madeIn.set(client, this.#trouble.generation);
    });
  }

  /** What statements met of late that the next ones would meet as well. */
  get trouble(): Pick<DatabaseTrouble, 'isFullOfLate' | 'noteWritable'> {
    return this.#trouble;
  }

  async connect(): Promise<PostgresPoolClient> {
    return await this.#connect(this.#planned);
  }

  /** The same connections; statements that come again and again are prepared on them. */
  get prepared(): PostgresPool {
    return {
      options: this.options,
      connect: async () => await this.#connect(this.#prepared, this.#names),
      end: async () => {},
    };
  }

  async #connect(
    wrappers: WeakMap<pg.PoolClient, GuardedClient>,
    names?: StatementNames,
  ): Promise<PostgresPoolClient> {
    const { clock, maxWaitMs } = this.#settings;
    const deadline = clock.monotonic() + maxWaitMs;
    let pauseMs = FIRST_PAUSE_MS;
    for (;;) {
      try {
        await this.#trouble.look();
        const client = await this.#pool.connect();
        if (this.#madeIn.get(client) !== this.#trouble.generation) {
          client.release(true);
          continue;
        }
        const known = wrappers.get(client);
        if (known !== undefined) return known;
        const wrapper = new GuardedClient(client, this.#settings, this.#trouble, names);
        wrappers.set(client, wrapper);
        return wrapper;
      } catch (error) {
        const remainingMs = deadline - clock.monotonic();
        if (isPoolExhausted(error))
          throw createBusyError(error, 'All connections to the database are in use.');
        const isFull = findSqlState(error) === SqlState.TooManyConnections;
        if (!isFull && !isConnectionLost(error)) throw wrapConnectError(error);
        if (!(remainingMs > 0))
          throw isFull ? wrapConnectError(error) : createUnavailableError(error, 'safe');
        await delay(Math.min(pauseMs, remainingMs));
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  async end(): Promise<void> {
    await this.#pool.end();
  }

  /** Connections that are in use at this moment. */
  get busyCount(): number {
    return this.#pool.totalCount - this.#pool.idleCount;
  }
}

class GuardedClient implements PostgresPoolClient {
  readonly #client: pg.PoolClient;
  readonly #settings: PatientPoolOptions;
  readonly #trouble: DatabaseTrouble;
  readonly #names: StatementNames | undefined;

  constructor(
    client: pg.PoolClient,
    settings: PatientPoolOptions,
    trouble: DatabaseTrouble,
    names: StatementNames | undefined,
  ) {
    this.#client = client;
    this.#settings = settings;
    this.#trouble = trouble;
    this.#names = names;
  }

  query<Row>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>>;
  query(cursor: never): never;
  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<PostgresQueryResult<Row>> {
    const { barrier, maxSilenceMs, maxWaitMs } = this.#settings;
    // Each statement, not only the first of a transaction: what was begun must not end after another server has taken over.
    if (barrier?.isOpen === false) await barrier.pass(maxWaitMs);
    // A frozen server neither answers nor closes the connection: cutting it turns silence into a loss.
    const watchdog =
      maxSilenceMs > 0 ? setTimeout(() => cutConnection(this.#client), maxSilenceMs) : undefined;
    try {
      // Without parameters there is nothing to plan: the begin and the end of a transaction.
      const name = parameters.length === 0 ? undefined : this.#names?.nameOf(sql);
      const query = { text: sql, values: [...parameters], ...(name === undefined ? {} : { name }) };
      // The driver's result type is wider than the query layer's; both describe the same object.
      return (await this.#client.query(query)) as unknown as PostgresQueryResult<Row>;
    } catch (error) {
      const wrapped = wrapStatementError(error);
      this.#trouble.note(wrapped);
      throw wrapped;
    } finally {
      clearTimeout(watchdog);
    }
  }

  release(destroy?: boolean): void {
    this.#client.release(destroy);
  }

  get processID(): number {
    return (this.#client as unknown as { processID: number }).processID;
  }
}
