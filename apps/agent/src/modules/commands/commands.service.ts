import { AppError, type Clock } from '@holdfast/kernel';
import type { Command, CommandReport } from '@holdfast/protocol';
import { describeError, type Log } from '../../platform/log.ts';
import type { StateDatabase } from '../../platform/state-database.ts';
import type { Outbox, SettledReport } from '../outbox/index.ts';
import type { EventLog } from '../logs/index.ts';
import { type CommandHandler, type CommandResult, endsWithProcess } from './command-handler.ts';
import { reportError, reportFailure, reportProgress, reportSuccess, shrinkReport } from './command-report.ts';
import { CommandFailure, ServerTimeUnknownError } from './command.errors.ts';
import { createCommandStore, type RecordedCommand } from './command.store.ts';

const MAX_ATTEMPTS = 5;
const KEPT_COUNT = 2_000;
const KEPT_AFTER_EXPIRY_MS = 30 * 24 * 3_600_000;

/** What a run came to. */
export type RunOutcome =
  /** No command is left to begin. */
  | { readonly state: 'done' }
  /** A command needs the server, which cannot be reached; it is in line again. */
  | { readonly state: 'postponed'; readonly cause: AppError };

const done: RunOutcome = { state: 'done' };

interface CommandEnd {
  readonly type: string;
  readonly report: CommandReport;
}

export interface Commands {
  readonly types: readonly string[];
  /** How many more commands may be taken without a result having no place in the outbox; at most `max`. */
  countRoom(max: number): number;
  /**
   * Records commands, and reports them as accepted. One that is known already is not recorded again; its end is reported
   * again if it has one. Answers how many were new.
   */
  receive(commands: readonly Command[]): number;
  /**
   * Takes what the server made of reports; the caller holds the transaction. A command whose acceptance is on the server's
   * disk may begin; one that was cancelled or expired there in the meantime never does.
   */
  settle(settled: readonly SettledReport[]): void;
  /** Puts right what a crash left: called once, before the first run. */
  recover(): void;
  /** Runs what is in line, one after the other. */
  runWaiting(): Promise<RunOutcome>;
  /** No further command is begun by a run that is under way. */
  pause(): void;
  countUnfinished(): number;
}

export interface CommandsOptions {
  readonly database: StateDatabase;
  readonly outbox: Pick<Outbox, 'appendReport' | 'countRoomForCommands'>;
  readonly handlers: readonly CommandHandler[];
  readonly clock: Clock;
  readonly log: Log;
  readonly events: EventLog;
  /** The server's wall time, by which commands expire; `undefined` while nobody knows it. */
  readonly findServerNow: () => number | undefined;
  /** A report was put into the outbox, and is safe there. */
  readonly onReport: () => void;
}

/**
 * Invariant: a command is recorded as begun, on disk, before its handler is called, so that after a crash nobody
 * takes a begun command for a fresh one.
 */
export function createCommands(options: CommandsOptions): Commands {
  const { outbox, clock, log, events, findServerNow } = options;
  const store = createCommandStore(options.database);
  /** Every change of a command brings a report; it is announced after the commit. */
  const change = (work: () => void): void => {
    options.database.transaction(work);
    options.onReport();
  };
  let isPaused = false;
  const handlers = new Map(options.handlers.map((handler) => [handler.type, handler]));

  /** Ends that a full disk kept from being recorded: they are recorded before anything else is done. */
  const unrecorded: CommandEnd[] = [];
  const recordEnd = (end: CommandEnd): void => {
    try {
      change(() => finish(end));
    } catch (error) {
      unrecorded.push(end);
      throw error;
    }
  };

  /** Inside a transaction. */
  const finish = ({ type, report }: CommandEnd): void => {
    const { commandId, state, code } = report;
    store.markFinished(commandId, shrinkReport(report), clock.now());
    outbox.appendReport(report);
    const facts = { type, commandId, outcome: state, ...(code === undefined ? {} : { code }) };
    events.record('command-ended', facts, {
      severity: state === 'failed' ? 'warning' : 'info',
      text: `The command ${type} has ended: ${state}.`,
    });
  };

  const begin = (command: RecordedCommand): void =>
    change(() => {
      store.markBegun(command.id);
      outbox.appendReport(reportProgress(command.id, 'running', clock.now()));
      events.record(
        'command-begun',
        { type: command.type, commandId: command.id },
        { text: `The command ${command.type} has begun.` },
      );
    });

  const runOne = async (command: RecordedCommand): Promise<RunOutcome> => {
    const handler = handlers.get(command.type);
    const serverNowMs = findServerNow();
    // Whether it has expired is not guessed; the next acknowledgement tells the time.
    if (serverNowMs === undefined) return { state: 'postponed', cause: new ServerTimeUnknownError() };
    const refusal = findRefusal(command, handler, serverNowMs);
    if (handler === undefined || refusal !== undefined) {
      const report = refusal ?? refuseType(command, clock.now());
      change(() => finish({ type: command.type, report }));
      return done;
    }
    begin(command);
    log.info('COMMAND_BEGUN', `The command ${command.type} has begun.`, { commandId: command.id });
    const end = await runHandler(handler, command);
    if (end instanceof AppError) {
      options.database.transaction(() => store.giveBack(command.id, { countAttempt: false }));
      return { state: 'postponed', cause: end };
    }
    if (end === endsWithProcess) {
      isPaused = true;
      return done;
    }
    recordEnd({ type: command.type, report: end });
    log.info('COMMAND_FINISHED', `The command ${command.type} has ${end.state}.`, {
      commandId: command.id,
      state: end.state,
      ...(end.code === undefined ? {} : { failure: end.code }),
    });
    return done;
  };

  /** The report of the end, or the error for which the command has to wait, or that its end is for the next process to say. */
  const runHandler = async (
    handler: CommandHandler,
    { id, parameters }: RecordedCommand,
  ): Promise<CommandReport | AppError | typeof endsWithProcess> => {
    let result: CommandResult | typeof endsWithProcess;
    try {
      result = await handler.run({ commandId: id, parameters });
    } catch (error) {
      if (!(error instanceof AppError)) {
        log.error('COMMAND_FAULTY', `The handler of ${handler.type} has a fault: ${describeError(error)}`);
        const detail = 'The agent has a fault in the handler of this command. Its log tells more.';
        return reportFailure(id, CommandFailure.faulty, detail, clock.now());
      }
      // The server was away, and nothing was done that may not be done again.
      if (error.retry === 'safe' && handler.isSafeToRepeat) return error;
      return reportError(id, error, clock.now());
    }
    return result === endsWithProcess ? result : reportSuccess(id, result, clock.now());
  };

  const findRefusal = (
    command: RecordedCommand,
    handler: CommandHandler | undefined,
    serverNowMs: number,
  ): CommandReport | undefined => {
    if (handler === undefined) return refuseType(command, clock.now());
    if (!(serverNowMs < command.expiresAt)) {
      const detail = 'The command had expired before the agent could begin it.';
      return reportFailure(command.id, CommandFailure.expired, detail, clock.now());
    }
    if (command.attempts >= MAX_ATTEMPTS) {
      const detail = `The agent stopped ${MAX_ATTEMPTS} times in the middle of this command and gave it up.`;
      return reportFailure(command.id, CommandFailure.abandoned, detail, clock.now());
    }
    return undefined;
  };

  return {
    types: [...handlers.keys()],
    countRoom: (max) => Math.max(0, Math.min(max, outbox.countRoomForCommands() - store.countUnfinished())),
    receive: (commands) => {
      let newCount = 0;
      change(() => {
        for (const command of commands) {
          if (store.insert(command, clock.now())) newCount++;
          outbox.appendReport(
            store.findFinalReport(command.id) ?? reportProgress(command.id, 'accepted', clock.now()),
          );
        }
        store.prune((findServerNow() ?? 0) - KEPT_AFTER_EXPIRY_MS, KEPT_COUNT);
      });
      return newCount;
    },
    settle: (settled) => {
      for (const { report, outcome } of settled) {
        if (report.state !== 'accepted') continue;
        const mayBegin = outcome === 'recorded' || outcome === 'already-recorded';
        if (mayBegin) store.markReady(report.commandId);
        else if (store.removeReceived(report.commandId)) {
          log.info('COMMAND_WITHDRAWN', 'A command was withdrawn before it began.', {
            commandId: report.commandId,
          });
        }
      }
    },
    recover: () =>
      change(() => {
        for (const command of store.listBegun()) {
          const handler = handlers.get(command.type);
          const { id, type } = command;
          if (handler?.recover !== undefined) {
            finish({ type, report: reportSuccess(id, handler.recover(), clock.now()) });
          } else if (handler?.isSafeToRepeat === true) {
            store.giveBack(id, { countAttempt: true });
          } else {
            const detail =
              'The agent stopped in the middle of this command. It may have taken effect or not; it was not repeated.';
            finish({ type, report: reportFailure(id, CommandFailure.interrupted, detail, clock.now()) });
          }
        }
      }),
    runWaiting: async () => {
      for (let end = unrecorded.shift(); end !== undefined; end = unrecorded.shift()) recordEnd(end);
      while (!isPaused) {
        const next = store.findNextReady();
        if (next === undefined) break;
        const outcome = await runOne(next);
        if (outcome.state === 'postponed') return outcome;
      }
      return done;
    },
    pause: () => {
      isPaused = true;
    },
    countUnfinished: () => store.countUnfinished(),
  };
}

function refuseType(command: RecordedCommand, nowMs: number): CommandReport {
  const detail = `This agent does not know commands of the type ${command.type}. Update the agent.`;
  return reportFailure(command.id, CommandFailure.typeUnknown, detail, nowMs);
}
