import type { Failure } from '@holdfast/kernel';
import type { StateDatabase } from '../../platform/state-database.ts';
import { createStateNotes } from '../../platform/state-note.ts';
import type { RunningProcess } from '../../platform/state-lock.ts';
import { readRunningCommands, type RunningCommand } from '../commands/index.ts';
import { readDiskFullSince } from '../disk-room/index.ts';
import { type JournalName, type JournalSize, readJournalSizes } from '../logs/index.ts';
import { type RefusableCall, readRefusals } from '../refusals/index.ts';
import { createRegistrationStore, type EnrolmentWaiting, findWaiting } from '../registration/index.ts';
import { describeStates, readComponentRecords, readUpdateCheck } from '../updates/index.ts';
import { type ConnectionRecord, findConnection } from './connection.store.ts';
import type { ContactTimes } from './contact-socket.ts';

/** What `status --json` prints. Instants are RFC 3339 in UTC; `null` where there is none. */
export interface AgentStatus {
  readonly version: string;
  readonly home: string;
  readonly isEnrolled: boolean;
  readonly isRunning: boolean;
  /** Its id is 0 where a full disk kept it from being written. */
  readonly process: RunningProcess | null;
  /** Why there is not more to tell, and what to do about it. */
  readonly problem: Failure | null;
  /** The volume of the state folder. */
  readonly disk: {
    readonly isFull: boolean;
    /** As the running agent found when it wrote; `null` also where it could not write even that. */
    readonly fullSince: string | null;
    readonly freeBytes: number | null;
  };
  readonly server: { readonly addresses: readonly string[]; readonly fingerprint: string } | null;
  /** Of the key that is this computer's identity, as the console shows it; `null` while there is none. */
  readonly keyThumbprint: string | null;
  /** What an enrolment that has not come to its end waits for; `null` when there is none. */
  readonly waiting: {
    readonly for: 'admission' | 'server';
    readonly since: string;
    readonly addresses: readonly string[];
  } | null;
  readonly productNumber: number | null;
  readonly deviceId: string | null;
  readonly groupPath: readonly string[] | null;
  /** Since when it is known that another computer uses the key of this one, and until this one has its own record. */
  readonly keySharedSince: string | null;
  /** What the server does not take, each since when and why. */
  readonly refusals: readonly {
    readonly call: RefusableCall;
    readonly code: string;
    readonly reason: string;
    readonly since: string;
  }[];
  /** Log entries and reports that it never took, one by one, and that were let go of: how many ever, and why the last. */
  readonly givenUp: readonly {
    readonly call: RefusableCall;
    readonly code: string;
    readonly count: number;
    readonly lastAt: string;
  }[];
  readonly connection:
    | (Omit<ConnectionRecord, 'lastContactAt' | 'lastFailureCode' | 'lastFailureAt'> & {
        readonly lastContactAt: string | null;
        /** False: it may have been later. The agent was killed, or does not answer. */
        readonly isLastContactExact: boolean;
        readonly lastFailure: { readonly code: string; readonly at: string | null } | null;
      })
    | null;
  readonly queue: {
    readonly outboxCount: number;
    readonly outboxBytes: number;
    readonly unfinishedCommandCount: number;
    /** Progress reports that had to be dropped because the outbox was full, ever. */
    readonly droppedReportCount: number;
  };
  /** Commands that the agent carries out now. Progress is some seconds old; `null` where a command has said none. */
  readonly commands: readonly (Omit<RunningCommand, 'progress'> & {
    readonly percent: number | null;
    readonly text: string | null;
  })[];
  /** What this computer has of each component; `null` where there is none. */
  readonly components: readonly {
    readonly component: string;
    readonly release: number | null;
    readonly version: string | null;
    /** As the server is told it. */
    readonly state: string;
    /** The newest that it may have, or the one that failed. */
    readonly target: number | null;
    readonly code: string | null;
    readonly reason: string | null;
    readonly changedAt: string;
  }[];
  /** How the last look for updates ended. */
  readonly updateCheck: {
    /** When signed metadata were last followed to their end. */
    readonly checkedAt: string | null;
    /** Why they could not be since. */
    readonly failure: { readonly code: string; readonly reason: string; readonly since: string } | null;
  };
  /** Log entries that the server has not got yet. */
  readonly journals: Readonly<Record<JournalName, JournalSize>>;
}

export interface AgentStatusOptions {
  readonly version: string;
  readonly home: string;
  readonly running: RunningProcess | undefined;
  /** Open for reading; `undefined` when the agent was never enrolled, or when it cannot be read. */
  readonly database: StateDatabase | undefined;
  /** What the running agent said; absent where none answered. */
  readonly contact?: ContactTimes | undefined;
  readonly problem?: Failure | undefined;
  /** Of the volume of the state folder; absent where nobody knows. */
  readonly freeBytes?: number | undefined;
}

/** With less an agent cannot even make the files that its state database needs beside it. */
const FULL_BYTES = 262_144;

export function readAgentStatus(options: AgentStatusOptions): AgentStatus {
  const { version, home, running, database, contact, problem, freeBytes } = options;
  const registration = database === undefined ? undefined : createRegistrationStore(database).find();
  const waiting = database === undefined || registration !== undefined ? undefined : findWaiting(database);
  return {
    version,
    home,
    isEnrolled: registration !== undefined,
    isRunning: running !== undefined,
    process: running ?? null,
    problem: problem ?? null,
    disk: describeDisk(database, freeBytes),
    server:
      registration === undefined
        ? null
        : { addresses: registration.addresses, fingerprint: registration.fingerprint },
    keyThumbprint: registration?.keyThumbprint ?? waiting?.keyThumbprint ?? null,
    waiting: describeWaiting(waiting),
    productNumber: registration?.product.productNumber ?? null,
    deviceId: registration?.product.deviceId ?? null,
    groupPath: registration?.product.groupPath ?? null,
    keySharedSince: database === undefined ? null : readKeySharing(database),
    ...describeRefusals(database),
    connection: database === undefined ? null : readConnection(database, running !== undefined, contact),
    queue: database === undefined ? emptyQueue : readQueue(database),
    commands: database === undefined || running === undefined ? [] : readCommands(database),
    ...describeComponents(database),
    journals:
      database === undefined ? { security: emptyJournal, general: emptyJournal } : readJournalSizes(database),
  };
}

function describeComponents(
  database: StateDatabase | undefined,
): Pick<AgentStatus, 'components' | 'updateCheck'> {
  if (database === undefined) return { components: [], updateCheck: { checkedAt: null, failure: null } };
  const { checkedAt, failure } = readUpdateCheck(database);
  return {
    components: describeStates(readComponentRecords(database)).map(({ component, state, ...more }) => ({
      component,
      release: more.release ?? null,
      version: more.version ?? null,
      state,
      target: more.target ?? null,
      code: more.code ?? null,
      reason: more.reason ?? null,
      changedAt: new Date(more.changedAt).toISOString(),
    })),
    updateCheck: {
      checkedAt: formatInstant(checkedAt),
      failure:
        failure === undefined
          ? null
          : { code: failure.code, reason: failure.text, since: new Date(failure.since).toISOString() },
    },
  };
}

function describeWaiting(waiting: EnrolmentWaiting | undefined): AgentStatus['waiting'] {
  if (waiting === undefined || waiting.reason === 'refused') return null;
  const { reason, sinceMs, addresses } = waiting;
  return { for: reason, since: new Date(sinceMs).toISOString(), addresses };
}

function describeDisk(
  database: StateDatabase | undefined,
  freeBytes: number | undefined,
): AgentStatus['disk'] {
  const fullSince = database === undefined ? undefined : readDiskFullSince(database);
  return {
    isFull: fullSince !== undefined || (freeBytes !== undefined && freeBytes < FULL_BYTES),
    fullSince: formatInstant(fullSince),
    freeBytes: freeBytes ?? null,
  };
}

function describeRefusals(database: StateDatabase | undefined): Pick<AgentStatus, 'refusals' | 'givenUp'> {
  if (database === undefined) return { refusals: [], givenUp: [] };
  const { standing, givenUp } = readRefusals(database);
  return {
    refusals: standing.map(({ call, code, text, since }) => ({
      call,
      code,
      reason: text,
      since: new Date(since).toISOString(),
    })),
    givenUp: givenUp.map(({ lastAt, ...one }) => ({ ...one, lastAt: new Date(lastAt).toISOString() })),
  };
}

const emptyQueue = { outboxCount: 0, outboxBytes: 0, unfinishedCommandCount: 0, droppedReportCount: 0 };
const emptyJournal: JournalSize = { entryCount: 0, entryBytes: 0, droppedCount: 0 };

function readConnection(
  database: StateDatabase,
  isRunning: boolean,
  contact: ContactTimes | undefined,
): AgentStatus['connection'] {
  const record = findConnection(database);
  if (record === undefined) return null;
  const { transport, transportReason, mode, modeReason, serverAddress, clockOffsetMs, lastFailureCode } =
    record;
  return {
    // What a process that is gone last wrote is not how it stands.
    phase: isRunning ? record.phase : 'stopped',
    transport,
    transportReason,
    mode,
    modeReason,
    serverAddress,
    clockOffsetMs,
    lastContactAt: formatInstant(contact === undefined ? record.lastContactAt : contact.lastContactAt),
    // An agent that ends by itself writes it last of all.
    isLastContactExact: contact !== undefined || (!isRunning && record.phase === 'stopped'),
    lastFailure:
      lastFailureCode === undefined
        ? null
        : { code: lastFailureCode, at: formatInstant(contact?.lastFailureAt ?? record.lastFailureAt) },
  };
}

function readQueue({ connection }: StateDatabase): AgentStatus['queue'] {
  const count = (sql: string) => Number(connection.prepare(sql).get()?.['n'] ?? 0);
  return {
    outboxCount: count('SELECT count(*) AS n FROM outbox'),
    outboxBytes: count('SELECT coalesce(sum(bytes), 0) AS n FROM outbox'),
    unfinishedCommandCount: count("SELECT count(*) AS n FROM command WHERE state <> 'finished'"),
    droppedReportCount: count('SELECT coalesce(sum(dropped_count), 0) AS n FROM outbox_loss'),
  };
}

function readCommands(database: StateDatabase): AgentStatus['commands'] {
  return readRunningCommands(database).map(({ progress, ...command }) => ({
    ...command,
    percent: progress?.percent ?? null,
    text: progress?.text ?? null,
  }));
}

function readKeySharing(database: StateDatabase): string | null {
  const at = createStateNotes(database).find('key-shared')?.['at'];
  return typeof at === 'number' ? new Date(at).toISOString() : null;
}

function formatInstant(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : new Date(timeMs).toISOString();
}
