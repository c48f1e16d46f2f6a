import { AppError, type Clock } from '@holdfast/kernel';
import {
  type CommandReport,
  completeParameters,
  describeParameterFaults,
  type Lane,
  lanes,
  type Progress,
} from '@holdfast/protocol';
import { describeError, type Log } from '../../platform/log.ts';
import { type CommandHandler, type CommandResult, OnRestart } from './command-handler.ts';
import { createProgressSieve } from './command-progress.ts';
import { halfDone, reportCancelled, reportError, reportFailure, reportSuccess } from './command-report.ts';
import {
  CommandFailure,
  CommandStoppedError,
  isCancelled,
  isStop,
  ServerTimeUnknownError,
} from './command.errors.ts';
import type { CommandStore, RecordedCommand, TypeChoice } from './command.store.ts';

const MAX_ATTEMPTS = 5;
const MAX_SAVED_BYTES = 65_536;

/** What a run came to. */
export type RunOutcome =
  /** No command is left to begin. */
  | { readonly state: 'done' }
  /** A command needs the server, which cannot be reached; it is queued again. */
  | { readonly state: 'postponed'; readonly cause: AppError };

const done: RunOutcome = { state: 'done' };

export interface CommandEnd {
  readonly type: string;
  readonly report: CommandReport;
}

/** What became of a call of a handler. */
type Ended =
  | { readonly what: 'report'; readonly report: CommandReport }
  /** It is in line again; with a cause it waits for the server. */
  | { readonly what: 'back'; readonly cause?: AppError };

export interface LaneRunnerOptions {
  readonly store: CommandStore;
  readonly handlers: ReadonlyMap<string, CommandHandler>;
  readonly clock: Clock;
  readonly log: Log;
  /** The server's wall time, by which commands expire; `undefined` while nobody knows it. */
  readonly findServerNow: () => number | undefined;
  /** Nothing that has not begun begins without a connection. */
  readonly isConnected: () => boolean;
  /** In one transaction, on disk when it returns; `change` for what brings a report. */
  readonly transaction: (work: () => void) => void;
  readonly change: (work: () => void) => void;
  /** Inside a transaction: writes down that it begins, or how it ended. */
  readonly recordBegin: (command: RecordedCommand) => void;
  readonly recordEnd: (end: CommandEnd) => void;
  readonly onProgress: (commandId: string, progress: Progress, isTime: boolean) => void;
}

/** Runs commands: lanes side by side, each one command at a time, in the order of arrival. */
export interface LaneRunner {
  /** Runs what is in line of the lane. Not twice at a time for the same lane. */
  runWaiting(lane: Lane): Promise<RunOutcome>;
  /** Tells the handler of a running command to end. What follows is up to the handler. */
  cancel(commandId: string): void;
  /** Nothing begins any more, and what runs is told to end. Resolves when it has, which may be never. */
  stop(): Promise<void>;
}

export function createLaneRunner(options: LaneRunnerOptions): LaneRunner {
  const { store, handlers, clock, log, transaction, change } = options;
  const choices = createLaneChoices(handlers);
  const resumable = [...handlers.values()]
    .filter(({ onRestart }) => onRestart === OnRestart.resume)
    .map(({ definition }) => definition.type);
  const running = new Map<string, AbortController>();
  const runs = new Set<Promise<unknown>>();
  const stopping = new AbortController();
  /** Ends that a full disk kept from being recorded: they are recorded before anything else is done in their lane. */
  const unrecorded = new Map<Lane, CommandEnd[]>(lanes.map((lane) => [lane, []]));

  const recordEnd = (lane: Lane, end: CommandEnd): void => {
    try {
      change(() => options.recordEnd(end));
    } catch (error) {
      unrecorded.get(lane)?.push(end);
      throw error;
    }
  };

  const runOne = async (lane: Lane, command: RecordedCommand): Promise<RunOutcome> => {
    const { id, type, run } = command;
    const handler = handlers.get(type);
    const isResumed = handler?.onRestart === OnRestart.resume && run !== undefined;
    const serverNowMs = options.findServerNow();
    // Whether it has expired is not guessed; the next acknowledgement tells the time.
    if (!isResumed && serverNowMs === undefined)
      return { state: 'postponed', cause: new ServerTimeUnknownError() };
    const refusal = findRefusal(command, handler, isResumed ? undefined : serverNowMs);
    if (handler === undefined || refusal !== undefined) {
      const report = refusal ?? refuseType(command, clock.now());
      change(() => options.recordEnd({ type, report }));
      return done;
    }
    change(() => options.recordBegin(command));
    log.info('COMMAND_BEGUN', `The command ${type} has begun.`, { commandId: id });
    const controller = new AbortController();
    running.set(id, controller);
    if (run?.isCancelAsked === true) controller.abort(createCancellation());
    const ended = await callHandler(handler, command, controller.signal);
    running.delete(id);
    if (ended.what === 'back') return giveBack(lane, command, handler, ended.cause);
    recordEnd(lane, { type, report: ended.report });
    const { state, code } = ended.report;
    log.info('COMMAND_FINISHED', `The command ${type} has ended: ${state}.`, {
      commandId: id,
      state,
      ...(code === undefined ? {} : { failure: code }),
    });
    return done;
  };

  const callHandler = async (
    handler: CommandHandler,
    { id, parameters, run }: RecordedCommand,
    signal: AbortSignal,
  ): Promise<Ended> => {
    let result: CommandResult<object>;
    try {
      result = await handler.run({
        commandId: id,
        parameters: completeParameters(handler.definition.parameters, parameters),
        signal,
        stopSignal: stopping.signal,
        reportProgress: createProgressSieve(clock, {
          send: (progress, isTime) => {
            if (running.get(id)?.signal === signal) options.onProgress(id, progress, isTime);
          },
          save: (progress) => trySaveProgress(id, progress),
        }),
        save: (state) => {
          const text = JSON.stringify(state);
          if (Buffer.byteLength(text) > MAX_SAVED_BYTES)
            throw new RangeError(`"state" expected at most ${MAX_SAVED_BYTES} bytes as JSON`);
          transaction(() => store.save(id, text));
        },
        ...(run !== undefined && handler.onRestart === OnRestart.resume
          ? { resumed: { saved: run.saved } }
          : {}),
      });
    } catch (error) {
      return judgeFailure(handler, id, error, signal);
    }
    return { what: 'report', report: reportSuccess(id, result, clock.now()) };
  };

  const judgeFailure = (
    { definition, onRestart }: CommandHandler,
    id: string,
    error: unknown,
    signal: AbortSignal,
  ): Ended => {
    const mayRunAgain = onRestart !== OnRestart.fail;
    if (isStop(error, signal)) {
      const isSaid = error instanceof CommandStoppedError && error !== signal.reason;
      const detail = isSaid ? error.message : 'It was ended in its middle.';
      // What could not be called off any more is not cancelled when the agent stops in it.
      const isOfAgent = error instanceof CommandStoppedError && error.code === 'AGENT_STOPS';
      if (isCancelled(signal) && !isOfAgent)
        return { what: 'report', report: reportCancelled(id, detail, clock.now()) };
      if (mayRunAgain) return { what: 'back' };
      const interrupted = reportFailure(
        id,
        CommandFailure.interrupted,
        `The agent stopped. ${detail}`,
        clock.now(),
      );
      return { what: 'report', report: interrupted };
    }
    if (!(error instanceof AppError)) {
      log.error('COMMAND_FAULTY', `The handler of ${definition.type} has a fault: ${describeError(error)}`);
      const detail = 'The agent has a fault in the handler of this command. Its log tells more.';
      return { what: 'report', report: reportFailure(id, CommandFailure.faulty, detail, clock.now()) };
    }
    // The server was away, and nothing was done that may not be done again.
    if (error.retry === 'safe' && mayRunAgain) return { what: 'back', cause: error };
    return { what: 'report', report: reportError(id, error, clock.now()) };
  };

  const giveBack = (
    lane: Lane,
    { id, type }: RecordedCommand,
    { onRestart }: CommandHandler,
    cause: AppError | undefined,
  ): RunOutcome => {
    const isToEnd = store.findUnfinished(id)?.run?.isCancelAsked === true;
    if (isToEnd && onRestart === OnRestart.repeat) {
      recordEnd(lane, { type, report: reportCancelled(id, halfDone, clock.now()) });
      return done;
    }
    transaction(() => store.giveBack(id, { countAttempt: false }));
    return cause === undefined ? done : { state: 'postponed', cause };
  };

  const trySaveProgress = (id: string, progress: Progress): void => {
    try {
      transaction(() => store.saveProgress(id, progress));
    } catch (error) {
      // The next one may find room; nothing of the command hangs on it.
      log.debug('PROGRESS_NOT_KEPT', describeError(error));
    }
  };

  const findRefusal = (
    command: RecordedCommand,
    handler: CommandHandler | undefined,
    serverNowMs: number | undefined,
  ): CommandReport | undefined => {
    if (handler === undefined) return refuseType(command, clock.now());
    const refuse = (code: CommandFailure, detail: string) =>
      reportFailure(command.id, code, detail, clock.now());
    if (serverNowMs !== undefined && !(serverNowMs < command.expiresAt))
      return refuse(CommandFailure.expired, 'The command had expired before the agent could begin it.');
    const [fault, ...more] = describeParameterFaults(handler.definition.parameters, command.parameters);
    if (fault !== undefined)
      return refuse(CommandFailure.parametersInvalid, `${[fault, ...more].join('; ')}.`);
    if (command.attempts < MAX_ATTEMPTS) return undefined;
    const detail = `The agent stopped ${MAX_ATTEMPTS} times in the middle of this command and gave it up.`;
    return refuse(CommandFailure.abandoned, detail);
  };

  const runLane = async (lane: Lane): Promise<RunOutcome> => {
    const late = unrecorded.get(lane) ?? [];
    for (let end = late.shift(); end !== undefined; end = late.shift()) recordEnd(lane, end);
    while (!stopping.signal.aborted) {
      const begunTypes = options.isConnected() ? undefined : resumable;
      const next = store.findNextReady(choices[lane], begunTypes);
      if (next === undefined) break;
      const outcome = await runOne(lane, next);
      if (outcome.state === 'postponed') return outcome;
    }
    return done;
  };

  return {
    runWaiting: async (lane) => {
      const run = runLane(lane);
      runs.add(run);
      try {
        return await run;
      } finally {
        runs.delete(run);
      }
    },
    cancel: (commandId) => running.get(commandId)?.abort(createCancellation()),
    stop: async () => {
      const reason = new CommandStoppedError('AGENT_STOPS', 'The agent stops.');
      stopping.abort(reason);
      for (const controller of running.values()) controller.abort(reason);
      await Promise.allSettled(runs);
    },
  };
}

/** Types of each lane. A type that nobody knows is refused at once, which is what the quick lane is for. */
function createLaneChoices(
  handlers: ReadonlyMap<string, CommandHandler>,
): Readonly<Record<Lane, TypeChoice>> {
  const listTypes = (isIn: (lane: Lane) => boolean): string[] =>
    [...handlers.values()].flatMap(({ definition: { type, lane } }) => (isIn(lane) ? [type] : []));
  const choose = (lane: Lane): TypeChoice =>
    lane === 'quick'
      ? { types: listTypes((other) => other !== 'quick'), isIn: false }
      : { types: listTypes((other) => other === lane), isIn: true };
  // Every lane is in the list.
  return Object.fromEntries(lanes.map((lane) => [lane, choose(lane)])) as Record<Lane, TypeChoice>;
}

function createCancellation(): CommandStoppedError {
  return new CommandStoppedError('COMMAND_CANCELLED', 'The server wants this command ended.');
}

function refuseType(command: RecordedCommand, nowMs: number): CommandReport {
  const detail = `This agent does not know commands of the type ${command.type}. Update the agent.`;
  return reportFailure(command.id, CommandFailure.typeUnknown, detail, nowMs);
}
