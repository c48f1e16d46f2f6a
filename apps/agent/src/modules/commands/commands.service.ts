import type { Clock } from '@holdfast/kernel';
import type { ClaimAnswer, Lane } from '@holdfast/protocol';
import type { Log } from '../../platform/log.ts';
import type { StateDatabase } from '../../platform/state-database.ts';
import { keepIfThereIsRoom } from '../../platform/state.errors.ts';
import type { Outbox, SettledReport } from '../outbox/index.ts';
import type { LogWriter } from '../logs/index.ts';
import { type CommandHandler, OnRestart } from './command-handler.ts';
import { halfDone, reportCancelled, reportFailure, reportStep, shrinkReport } from './command-report.ts';
import { CommandFailure } from './command.errors.ts';
import { createCommandStore, type RecordedCommand } from './command.store.ts';
import { type CommandEnd, createLaneRunner, type RunOutcome } from './lane-runner.ts';

const KEPT_COUNT = 2_000;
const KEPT_AFTER_EXPIRY_MS = 30 * 24 * 3_600_000;

export interface Commands {
  readonly types: readonly string[];
  /** How many more commands may be taken so that each result has room in the outbox; at most `max`. */
  countRoom(max: number): number;
  /**
   * Takes what a claim brought. Commands are recorded and reported as accepted; one that is known already is not recorded again,
   * and its end is reported again if it has one. What is to end and has not begun never begins; what runs is told to end,
   * and a crash does not lose that. Returns how many commands were new.
   */
  take(claimed: Required<ClaimAnswer>): number;
  /**
   * Takes what the server made of reports; the caller holds the transaction. A command whose acceptance is on the server's
   * disk may begin; one that was cancelled or expired there in the meantime never does.
   */
  settle(settled: readonly SettledReport[]): void;
  /**
   * Repairs what a crash, or an agent of another version, left behind: called once, before the first run. On a full disk that is
   * done
   * before anything is taken or begun, and both fail until it is.
   */
  recover(): void;
  /** Runs what is in line of a lane, one after the other. */
  runWaiting(lane: Lane): Promise<RunOutcome>;
  /** No command begins any more, and those that run are told that the agent stops. Resolves when all have ended. */
  stop(): Promise<void>;
  countUnfinished(): number;
}

export interface CommandsOptions {
  readonly database: StateDatabase;
  readonly outbox: Pick<Outbox, 'appendReport' | 'countRoomForCommands' | 'replaceProgress'>;
  readonly handlers: readonly CommandHandler[];
  readonly clock: Clock;
  readonly log: Log;
  readonly events: LogWriter;
  /** The server's wall time, by which commands expire; `undefined` while nobody knows it. */
  readonly findServerNow: () => number | undefined;
  readonly isConnected: () => boolean;
  /** A report was put into the outbox; `soon`: one that can wait for the next sign of a connection. */
  readonly onReport: (urgency: 'at-once' | 'soon') => void;
}

/**
 * Invariant: a command is recorded as begun, on disk, before its handler is called, so that after a crash a command
 * that has begun is not taken for a new one.
 */
export function createCommands(options: CommandsOptions): Commands {
  const { outbox, clock, log, events, findServerNow } = options;
  const store = createCommandStore(options.database);
  const handlers = new Map(options.handlers.map((handler) => [handler.definition.type, handler]));
  if (handlers.size !== options.handlers.length) throw new TypeError('"handlers" expected one for each type');
  /** A change of a command that brings a report, which is announced after the commit. */
  const change = (work: () => void): void => {
    options.database.transaction(work);
    options.onReport('at-once');
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
  const cancel = ({ id, type }: RecordedCommand, detail: string): void =>
    finish({ type, report: reportCancelled(id, detail, clock.now()) });

  const runner = createLaneRunner({
    store,
    handlers,
    clock,
    log,
    findServerNow,
    isConnected: options.isConnected,
    transaction: (work) => options.database.transaction(work),
    change,
    recordEnd: finish,
    recordBegin: ({ id, type }) => {
      store.markBegun(id);
      outbox.appendReport(reportStep(id, 'running', clock.now()));
      events.record('command-begun', { type, commandId: id }, { text: `The command ${type} has begun.` });
    },
    onProgress: (commandId, progress, isTime) => {
      outbox.replaceProgress({ commandId, state: 'running', at: clock.now(), progress });
      options.onReport(isTime ? 'at-once' : 'soon');
    },
  });

  /** Inside a transaction. Answers whether its handler has to be told. */
  const endCommand = (id: string): boolean => {
    const command = store.findUnfinished(id);
    if (command === undefined) {
      const detail = 'This agent knows nothing of the command: its state was lost, or is of another time.';
      outbox.appendReport(
        store.findFinalReport(id) ?? reportFailure(id, CommandFailure.unknown, detail, clock.now()),
      );
      return false;
    }
    if (command.state === 'begun' || isToResume(command)) {
      store.askCancel(id, clock.now());
      return command.state === 'begun';
    }
    cancel(command, command.run === undefined ? 'It was ended before it began.' : halfDone);
    return false;
  };

  const policyOf = ({ type }: RecordedCommand): OnRestart => handlers.get(type)?.onRestart ?? OnRestart.fail;
  /** Its handler has to repair what it had begun, even if it is to end. */
  const isToResume = (command: RecordedCommand): boolean =>
    command.run !== undefined && policyOf(command) === OnRestart.resume;

  /** Inside a transaction: what the end of the last process means for a command in whose middle it was. */
  const recoverOne = (command: RecordedCommand): void => {
    const { id, type } = command;
    const policy = policyOf(command);
    if (policy === OnRestart.fail) {
      const detail =
        'The agent stopped in the middle of this command. It may have taken effect or not; it was not repeated.';
      finish({ type, report: reportFailure(id, CommandFailure.interrupted, detail, clock.now()) });
    } else {
      store.giveBack(id, { countAttempt: true });
    }
  };

  /** False: the last process left something to repair, and the disk was full. Nothing is taken or begun until that is done. */
  let isRecovered = true;
  const recover = (): void =>
    change(() => {
      store.forgetFinishedRuns();
      for (const command of store.listBegun()) recoverOne(command);
      // By the lines above, or by an agent that knows of no wish to end.
      for (const command of store.listReadyToCancel()) if (!isToResume(command)) cancel(command, halfDone);
    });
  const recoverLate = (): void => {
    if (isRecovered) return;
    recover();
    isRecovered = true;
  };

  return {
    types: [...handlers.keys()],
    countRoom: (max) => Math.max(0, Math.min(max, outbox.countRoomForCommands() - store.countUnfinished())),
    take: ({ commands, cancel: toEnd }) => {
      recoverLate();
      let newCount = 0;
      let toTell: string[] = [];
      change(() => {
        newCount = 0;
        toTell = [];
        for (const command of commands) {
          if (store.insert(command, clock.now())) newCount++;
          outbox.appendReport(
            store.findFinalReport(command.id) ?? reportStep(command.id, 'accepted', clock.now()),
          );
        }
        for (const id of toEnd) if (endCommand(id)) toTell.push(id);
        store.prune((findServerNow() ?? 0) - KEPT_AFTER_EXPIRY_MS, KEPT_COUNT);
      });
      for (const id of toTell) runner.cancel(id);
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
    recover: () => {
      isRecovered = keepIfThereIsRoom(recover);
    },
    runWaiting: async (lane) => {
      recoverLate();
      return await runner.runWaiting(lane);
    },
    stop: () => runner.stop(),
    countUnfinished: () => store.countUnfinished(),
  };
}
