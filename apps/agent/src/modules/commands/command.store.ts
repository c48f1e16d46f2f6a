import { type Command, type CommandReport, parseJson, limits } from '@holdfast/protocol';
import type { StateDatabase } from '../../platform/state-database.ts';

/** A command that is recorded here and not finished. */
export interface RecordedCommand {
  readonly id: string;
  readonly type: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Server time. */
  readonly expiresAt: number;
  readonly attempts: number;
}

/** All SQL of the commands. The callers hold the transaction. */
export interface CommandStore {
  /** Answers false when the id is recorded already. */
  insert(command: Command, nowMs: number): boolean;
  findFinalReport(id: string): CommandReport | undefined;
  countUnfinished(): number;
  /** The server knows that it is accepted: it may begin. Answers false when it was not waiting for that. */
  markReady(id: string): boolean;
  /** Forgets a command that was received and may not begin any more. Answers false when it has begun already. */
  removeReceived(id: string): boolean;
  findNextReady(): RecordedCommand | undefined;
  listBegun(): RecordedCommand[];
  markBegun(id: string): void;
  /** Back in line; `countAttempt` says whether the attempt counts. */
  giveBack(id: string, options: { readonly countAttempt: boolean }): void;
  /** Keeps the end, and lets go of the parameters. */
  markFinished(id: string, report: CommandReport, nowMs: number): void;
  /** Forgets finished commands that can hardly be sent again: expired before this server time, or beyond the count. */
  prune(expiredBeforeMs: number, keepCount: number): void;
}

const COLUMNS = 'id, type, parameters, expires_at, attempts';

export function createCommandStore({ connection }: StateDatabase): CommandStore {
  const insert = connection.prepare(
    `INSERT INTO command (id, type, parameters, expires_at, state, received_at) VALUES (?, ?, ?, ?, 'received', ?)
     ON CONFLICT (id) DO NOTHING`,
  );
  const finalReport = connection.prepare('SELECT final_report FROM command WHERE id = ?');
  const unfinished = connection.prepare("SELECT count(*) AS count FROM command WHERE state <> 'finished'");
  const next = connection.prepare(
    `SELECT ${COLUMNS} FROM command WHERE state = 'ready' ORDER BY received_at, id LIMIT 1`,
  );
  const begun = connection.prepare(
    `SELECT ${COLUMNS} FROM command WHERE state = 'begun' ORDER BY received_at, id`,
  );
  const ready = connection.prepare("UPDATE command SET state = 'ready' WHERE id = ? AND state = 'received'");
  const removal = connection.prepare("DELETE FROM command WHERE id = ? AND state = 'received'");
  const begin = connection.prepare(
    "UPDATE command SET state = 'begun', attempts = attempts + 1 WHERE id = ?",
  );
  const backInLine = connection.prepare(
    "UPDATE command SET state = 'ready', attempts = attempts - ? WHERE id = ?",
  );
  const finish = connection.prepare(
    "UPDATE command SET state = 'finished', parameters = '{}', final_report = ?, finished_at = ? WHERE id = ?",
  );
  const prune = connection.prepare(
    `DELETE FROM command WHERE state = 'finished' AND (expires_at < ? OR id NOT IN
       (SELECT id FROM command WHERE state = 'finished' ORDER BY finished_at DESC, id LIMIT ?))`,
  );
  return {
    insert: ({ id, type, parameters, expiresAt }, nowMs) =>
      insert.run(id, type, JSON.stringify(parameters), expiresAt, nowMs).changes === 1,
    findFinalReport: (id) => {
      const text = finalReport.get(id)?.['final_report'];
      // Written by `markFinished` from a report.
      return typeof text === 'string' ? (JSON.parse(text) as CommandReport) : undefined;
    },
    countUnfinished: () => Number(unfinished.get()?.['count'] ?? 0),
    markReady: (id) => ready.run(id).changes === 1,
    removeReceived: (id) => removal.run(id).changes === 1,
    findNextReady: () => {
      const row = next.get();
      return row === undefined ? undefined : readCommand(row);
    },
    listBegun: () => begun.all().map(readCommand),
    markBegun: (id) => {
      begin.run(id);
    },
    giveBack: (id, { countAttempt }) => {
      backInLine.run(countAttempt ? 0 : 1, id);
    },
    markFinished: (id, report, nowMs) => {
      finish.run(JSON.stringify(report), nowMs, id);
    },
    prune: (expiredBeforeMs, keepCount) => {
      prune.run(expiredBeforeMs, keepCount);
    },
  };
}

function readCommand(row: Record<string, unknown>): RecordedCommand {
  const parameters = parseJson(String(row['parameters']), 2 * limits.maxCommandParametersBytes);
  return {
    id: String(row['id']),
    type: String(row['type']),
    // `insert` only writes objects.
    parameters: parameters as Readonly<Record<string, unknown>>,
    expiresAt: Number(row['expires_at']),
    attempts: Number(row['attempts']),
  };
}
