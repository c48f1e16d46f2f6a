import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@holdfast/kernel';
import type { PostgresBinaries } from './binaries.ts';
import type { BoundedLog } from './bounded-log.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { startPostmaster } from './postmaster.ts';
import { findLivingPostmaster } from './postmaster-pid.ts';
import { removeStalePostmasterPid, waitUntilServing } from './postmaster-start.ts';
import {
  clearOrphanedBackends,
  defaultStopLimits,
  type StopLimits,
  stopPostmaster,
  waitForEnd,
} from './postmaster-stop.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { findProcess } from './process-identity.ts';
import { isServingDurably } from './postmaster-adoption.ts';
import type { SystemUser } from './system-user.ts';

/** Where the supervisor reports to; a pino logger is one. */
export interface DatabaseLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface SupervisorOptions {
  readonly binaries: PostgresBinaries;
  readonly dataFolder: string;
  readonly socketFolder: string;
  readonly user: SystemUser | undefined;
  /** Signs in as owner of the cluster. */
  readonly supervisor: ConnectionSettings;
  readonly postgresLog: BoundedLog;
  readonly log: DatabaseLog;
  readonly clock: Clock;
  /** Start without any sign of progress for this long has failed. */
  readonly startLimitMs: number;
  readonly stopLimits?: StopLimits;
}

/** `up`: it takes connections. `down`: it does not, and is being brought back. `stopped`: for good, on request. */
export type SupervisorState = 'up' | 'down' | 'stopped';

/** Somebody who kills it while it starts, as a system short of memory does, is borne twice. */
const MAX_LAUNCHES = 3;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
const ADOPTED_POLL_MS = 250;

/**
 * Keeps one PostgreSQL running. It adopts one that a killed predecessor left behind, starts one otherwise,
 * and brings it back when it dies, with growing pauses, for as long as it takes.
 */
export class PostgresSupervisor {
  readonly #options: SupervisorOptions;
  readonly #listeners = new Set<(state: SupervisorState) => void>();
  readonly #stopping = new AbortController();
  #current: { readonly identity: ProcessIdentity; readonly ended: Promise<void> } | undefined;
  #recovery: Promise<void> = Promise.resolve();
  #ending: Promise<void> = Promise.resolve();
  #state: SupervisorState = 'down';

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  get state(): SupervisorState {
    return this.#state;
  }

  /** Process number of PostgreSQL while there is one. */
  get pid(): number | undefined {
    return this.#current?.identity.pid;
  }

  /** Calls `listener` at each change of state; the returned function ends that. */
  onChange(listener: (state: SupervisorState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when PostgreSQL takes connections. @throws DatabaseError DATABASE_START_FAILED, DATABASE_START_TIMEOUT, DATABASE_DISK_FULL */
  async start(): Promise<'adopted' | 'started'> {
    const how = await this.#bringUp();
    this.#setState('up');
    return how;
  }

  /** Fast shutdown, within bounds. May be called at any time and more than once. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#recovery;
    const current = this.#current;
    this.#current = undefined;
    if (current !== undefined) this.#ending = this.#end(current.identity);
    // A second call waits for what the first has begun.
    await this.#ending;
    this.#setState('stopped');
  }

  async #end(identity: ProcessIdentity): Promise<void> {
    const how = await stopPostmaster(identity, this.#options.clock, this.#options.stopLimits);
    if (how === 'clean') this.#options.log.info({}, 'the database has stopped');
    else
      this.#options.log.warn(
        { how },
        'the database did not stop in time; the next start recovers from its log',
      );
  }

  async #bringUp(): Promise<'adopted' | 'started'> {
    const { dataFolder, clock, log } = this.#options;
    const orphan = await findLivingPostmaster(dataFolder);
    if (orphan !== undefined) {
      if (await isServingDurably(this.#options.supervisor, dataFolder, clock, this.#options.startLimitMs)) {
        log.info({ databasePid: orphan.pid }, 'adopted the database that an earlier server left running');
        this.#watch(orphan, waitWhileAlive(orphan, clock));
        return 'adopted';
      }
      log.warn({ databasePid: orphan.pid }, 'an earlier database process does not answer; stopping it');
      await stopPostmaster(orphan, clock, this.#options.stopLimits ?? defaultStopLimits);
    }
    for (let attempt = 1; ; attempt += 1) {
      await clearOrphanedBackends(dataFolder, clock, this.#options.stopLimits);
      await removeStalePostmasterPid(dataFolder);
      const how = await this.#launch(attempt < MAX_LAUNCHES);
      if (how === 'started') return how;
      log.warn({ attempt }, 'the database was killed while it started; starting it again');
    }
  }

  /** @param isKillBorne when somebody kills it before it serves, say so instead of failing */
  async #launch(isKillBorne: boolean): Promise<'started' | 'killed'> {
    const { postgresLog, clock } = this.#options;
    const logOffset = await postgresLog.size();
    const child = startPostmaster({
      ...this.#options,
      logDescriptor: postgresLog.descriptor,
      isDurable: true,
    });
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
    const identity = child.pid === undefined ? undefined : await findProcess(child.pid);
    try {
      await waitUntilServing({ ...this.#options, ended, logOffset, signal: this.#stopping.signal });
    } catch (error) {
      // Only what nobody here has asked for: it ends by itself with a status, not by a signal.
      if (isKillBorne && child.signalCode !== null && !this.#stopping.signal.aborted) return 'killed';
      if (identity !== undefined)
        await stopPostmaster(identity, clock, { fastMs: 2_000, immediateMs: 5_000 });
      throw error;
    }
    if (identity !== undefined) this.#watch(identity, ended);
    return 'started';
  }

  #watch(identity: ProcessIdentity, ended: Promise<void>): void {
    const current = { identity, ended };
    this.#current = current;
    void ended.then(() => {
      if (this.#current !== current || this.#stopping.signal.aborted) return;
      this.#current = undefined;
      this.#options.log.error({ databasePid: identity.pid }, 'the database has died; bringing it back');
      this.#setState('down');
      this.#recovery = this.#recover();
    });
  }

  async #recover(): Promise<void> {
    const { signal } = this.#stopping;
    let pauseMs = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      try {
        await this.#bringUp();
        this.#options.log.info({}, 'the database is back');
        this.#setState('up');
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#options.log.error(
          { err: error, nextAttemptInMs: pauseMs },
          'the database could not be brought back yet',
        );
      }
      // Ends early when the server stops.
      await delay(pauseMs, undefined, { signal }).catch(() => {});
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  #setState(state: SupervisorState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}

/** Nobody reports the end of a process that is not our child: it has to be looked for. */
async function waitWhileAlive(identity: ProcessIdentity, clock: Clock): Promise<void> {
  while (!(await waitForEnd(identity, clock, 0))) await delay(ADOPTED_POLL_MS, undefined, { ref: false });
}
