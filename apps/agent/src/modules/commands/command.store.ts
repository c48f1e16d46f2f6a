import { type Command, type CommandReport, parseJson, type Progress, limits } from '@holdfast/protocol';
import type { StateDatabase } from '../../platform/state-database.ts';
import type { SavedState } from './command-handler.ts';

/** A command that is recorded here and not finished. */
export interface RecordedCommand {
  readonly id: string;
  readonly type: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Server time. */
  readonly expiresAt: number;
  readonly attempts: number;
  readonly state: 'received' | 'ready' | 'begun';
  /** Of one that has begun, by whichever process. */
  readonly run: RecordedRun | undefined;
}

export interface RecordedRun {
  /** The server said that it is to end. */
  readonly isCancelAsked: boolean;
  readonly saved: SavedState | undefined;
}

/** A command that runs, for people. */
export interface RunningCommand {
  readonly id: string;
  readonly type: string;
  readonly isCancelAsked: boolean;
  /** As it was written last, some seconds ago. */
  readonly progress: Progress | undefined;
}

/** Which types are looked at. */
export interface TypeChoice {
  readonly types: readonly string[];
  /** False: all but these. */
  readonly isIn: boolean;
}

/** All SQL of the commands. The callers hold the transaction. */
export interface CommandStore {
  /** Answers false when the id is recorded already. */
  insert(command: Command, nowMs: number): boolean;
  findUnfinished(id: string): RecordedCommand | undefined;
  findFinalReport(id: string): CommandReport | undefined;
  countUnfinished(): number;
  /** The server knows that it is accepted: it may begin. Returns false when it was not waiting for that. */
  markReady(id: string): boolean;
  /** Forgets a command that was received and must not begin any more. Returns false when it has begun already. */
  removeReceived(id: string): boolean;
  /** @param begunTypes when given, only one that has begun already and is of these types */
  findNextReady(lane: TypeChoice, begunTypes: readonly string[] | undefined): RecordedCommand | undefined;
  listBegun(): RecordedCommand[];
  /** In line again, and to end as the server said. */
  listReadyToCancel(): RecordedCommand[];
  markBegun(id: string): void;
  /** Back in line; `countAttempt` says whether the attempt counts. */
  giveBack(id: string, options: { readonly countAttempt: boolean }): void;
  askCancel(id: string, nowMs: number): void;
  /** Stores what the handler saved. It makes progress, so earlier attempts no longer count against it. */
  save(id: string, saved: string): void;
  saveProgress(id: string, progress: Progress): void;
  /** Keeps the end, and lets go of the parameters. */
  markFinished(id: string, report: CommandReport, nowMs: number): void;
  /** Removes what a version that did not know of runs has left behind. */
  forgetFinishedRuns(): void;
  /** Forgets finished commands that can hardly be sent again: expired before this server time, or beyond the count. */
  prune(expiredBeforeMs: number, keepCount: number): void;
}

const FIND = `SELECT c.id, c.type, c.parameters, c.expires_at, c.attempts, c.state, r.command_id AS run_id, r.cancel_asked_at,
    r.saved, r.progress FROM command c LEFT JOIN command_run r ON r.command_id = c.id`;

export function createCommandStore({ connection }: StateDatabase): CommandStore {
  const insert = connection.prepare(
    `INSERT INTO command (id, type, parameters, expires_at, state, received_at) VALUES (?, ?, ?, ?, 'received', ?)
     ON CONFLICT (id) DO NOTHING`,
  );
  const found = connection.prepare(`${FIND} WHERE c.id = ? AND c.state <> 'finished'`);
  const finalReport = connection.prepare('SELECT final_report FROM command WHERE id = ?');
  const unfinished = connection.prepare("SELECT count(*) AS count FROM command WHERE state <> 'finished'");
  const next = connection.prepare(
    `${FIND} WHERE c.state = 'ready' AND (c.type IN (SELECT value FROM json_each(?1))) = ?2
       AND (?3 IS NULL OR (r.command_id IS NOT NULL AND c.type IN (SELECT value FROM json_each(?3))))
     ORDER BY c.received_at, c.id LIMIT 1`,
  );
  const begun = connection.prepare(`${FIND} WHERE c.state = 'begun' ORDER BY c.received_at, c.id`);
  const toCancel = connection.prepare(
    `${FIND} WHERE c.state = 'ready' AND r.cancel_asked_at IS NOT NULL ORDER BY c.received_at, c.id`,
  );
  const ready = connection.prepare("UPDATE command SET state = 'ready' WHERE id = ? AND state = 'received'");
  const removal = connection.prepare("DELETE FROM command WHERE id = ? AND state = 'received'");
  const begin = connection.prepare(
    "UPDATE command SET state = 'begun', attempts = attempts + 1 WHERE id = ?",
  );
  const run = connection.prepare('INSERT INTO command_run (command_id) VALUES (?) ON CONFLICT DO NOTHING');
  const backInLine = connection.prepare(
    "UPDATE command SET state = 'ready', attempts = attempts - ? WHERE id = ?",
  );
  const cancel = connection.prepare(
    'UPDATE command_run SET cancel_asked_at = coalesce(cancel_asked_at, ?) WHERE command_id = ?',
  );
  const save = connection.prepare('UPDATE command_run SET saved = ? WHERE command_id = ?');
  const getsOn = connection.prepare('UPDATE command SET attempts = min(attempts, 1) WHERE id = ?');
  const progress = connection.prepare('UPDATE command_run SET progress = ? WHERE command_id = ?');
  const finish = connection.prepare(
    "UPDATE command SET state = 'finished', parameters = '{}', final_report = ?, finished_at = ? WHERE id = ?",
  );
  const forgetRun = connection.prepare('DELETE FROM command_run WHERE command_id = ?');
  const forgetRuns = connection.prepare(
    "DELETE FROM command_run WHERE command_id IN (SELECT id FROM command WHERE state = 'finished')",
  );
  const prune = connection.prepare(
    `DELETE FROM command WHERE state = 'finished' AND (expires_at < ? OR id NOT IN
       (SELECT id FROM command WHERE state = 'finished' ORDER BY finished_at DESC, id LIMIT ?))`,
  );
  const readOne = (row: Record<string, unknown> | undefined) =>
    row === undefined ? undefined : readCommand(row);
  return {
    insert: ({ id, type, parameters, expiresAt }, nowMs) =>
      insert.run(id, type, JSON.stringify(parameters), expiresAt, nowMs).changes === 1,
    findUnfinished: (id) => readOne(found.get(id)),
    findFinalReport: (id) => {
      const text = finalReport.get(id)?.['final_report'];
      // Written by `markFinished` from a report.
      return typeof text === 'string' ? (JSON.parse(text) as CommandReport) : undefined;
    },
    countUnfinished: () => Number(unfinished.get()?.['count'] ?? 0),
    markReady: (id) => ready.run(id).changes === 1,
    removeReceived: (id) => removal.run(id).changes === 1,
    findNextReady: ({ types, isIn }, begunTypes) => {
      const begunOnly = begunTypes === undefined ? null : JSON.stringify(begunTypes);
      return readOne(next.get(JSON.stringify(types), isIn ? 1 : 0, begunOnly));
    },
    listBegun: () => begun.all().map(readCommand),
    listReadyToCancel: () => toCancel.all().map(readCommand),
    markBegun: (id) => {
      begin.run(id);
      run.run(id);
    },
    giveBack: (id, { countAttempt }) => {
      backInLine.run(countAttempt ? 0 : 1, id);
      // One that an older agent has begun has none yet.
      run.run(id);
    },
    askCancel: (id, nowMs) => {
      run.run(id);
      cancel.run(nowMs, id);
    },
    save: (id, saved) => {
      save.run(saved, id);
      getsOn.run(id);
    },
    saveProgress: (id, reached) => {
      progress.run(JSON.stringify(reached), id);
    },
    markFinished: (id, report, nowMs) => {
      finish.run(JSON.stringify(report), nowMs, id);
      forgetRun.run(id);
    },
    forgetFinishedRuns: () => {
      forgetRuns.run();
    },
    prune: (expiredBeforeMs, keepCount) => {
      prune.run(expiredBeforeMs, keepCount);
    },
  };
}

/** The state file may be open for reading only, and may be of an agent that did not know of runs. */
export function readRunningCommands({ connection }: StateDatabase): RunningCommand[] {
  const hasRuns = connection.prepare("SELECT 1 FROM sqlite_master WHERE name = 'command_run'").get();
  if (hasRuns === undefined) return [];
  return connection
    .prepare(`${FIND} WHERE c.state = 'begun' ORDER BY c.received_at, c.id`)
    .all()
    .map((row) => ({
      id: String(row['id']),
      type: String(row['type']),
      isCancelAsked: row['cancel_asked_at'] !== null,
      // Written by `saveProgress`.
      progress: typeof row['progress'] === 'string' ? (JSON.parse(row['progress']) as Progress) : undefined,
    }));
}

function readCommand(row: Record<string, unknown>): RecordedCommand {
  const parameters = parseJson(String(row['parameters']), 2 * limits.maxCommandParametersBytes);
  const saved = row['saved'];
  return {
    id: String(row['id']),
    type: String(row['type']),
    // `insert` only writes objects.
    parameters: parameters as Readonly<Record<string, unknown>>,
    expiresAt: Number(row['expires_at']),
    attempts: Number(row['attempts']),
    state: row['state'] as RecordedCommand['state'],
    run:
      row['run_id'] === null
        ? undefined
        : {
            isCancelAsked: row['cancel_asked_at'] !== null,
            // Written by `save` from an object.
            saved: typeof saved === 'string' ? (JSON.parse(saved) as SavedState) : undefined,
          },
  };
}
