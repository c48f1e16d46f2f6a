import { AppError, type Clock, toOneLine } from '@holdfast/kernel';
import { isHandshakeNeeded, McpProblem } from '@holdfast/protocol';
import { codeOf, type Log } from '../../platform/log.ts';
import type { StateDatabase } from '../../platform/state-database.ts';
import { keepIfThereIsRoom } from '../../platform/state.errors.ts';
import type { LogWriter } from '../logs/index.ts';
import { RegistrationError } from '../registration/index.ts';
import { readRefusals, saveRefusals } from './refusal.store.ts';
import { addGivenUp, addRefusal, endRefusal, type RefusableCall, type RefusalRecord } from './refusal.ts';

/** A server that is busy or restarts says "later" for a while; a no that lasts is another thing. */
const PASSING_MS = 300_000;
const MAX_TEXT_CHARACTERS = 500;

/**
 * Notices what the server does not take, and keeps it where people at the device and the server itself can see it. It is said
 * once in the log when it begins and once when it ends, however often the call is repeated in between.
 */
export interface RefusalWatch {
  readonly current: RefusalRecord;
  /**
   * Makes the call, and notes what came of it.
   *
   * @param isTaken false of a result that does not say that the server took it; absent: every result does
   */
  watch<Result>(
    call: RefusableCall,
    make: () => Promise<Result>,
    isTaken?: (result: Result) => boolean,
  ): Promise<Result>;
  /** The server takes the call, as shows while it is still under way. */
  noteTaken(call: RefusableCall): void;
  /** The call is not made any more. */
  forget(call: RefusableCall): void;
  /** The server does not take this one entry or report, and it is let go of. */
  noteGivenUp(call: RefusableCall, error: unknown): void;
  /** True for a failure of a watched call that is or was told as a refusal: nobody has to tell it again. */
  hasTold(error: unknown): boolean;
}

export interface RefusalWatchOptions {
  readonly database: StateDatabase;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: LogWriter;
}

export function createRefusalWatch({ database, clock, log, events }: RefusalWatchOptions): RefusalWatch {
  let current = readRefusals(database);
  /** When a passing refusal was first heard, by the monotonic clock. */
  const passingSinceMs = new Map<RefusableCall, number>();
  const told = new WeakSet<object>();

  const change = (next: RefusalRecord): boolean => {
    if (next === current) return false;
    current = next;
    // The running agent knows it and says so in its heartbeats; the file is for others on the device.
    keepIfThereIsRoom(() => saveRefusals(database, next));
    return true;
  };

  const isLasting = (call: RefusableCall, error: AppError): boolean => {
    if (error instanceof RegistrationError) return true;
    if (!(error instanceof McpProblem)) return false;
    const isForUs = error.status < 500 && error.status !== 429 && !isHandshakeNeeded(error);
    if (isForUs && error.code !== 'CHALLENGE_INVALID') return true;
    const sinceMs = passingSinceMs.get(call) ?? clock.monotonic();
    passingSinceMs.set(call, sinceMs);
    return clock.monotonic() - sinceMs >= PASSING_MS;
  };

  const noteFailure = (call: RefusableCall, error: unknown): void => {
    if (!(error instanceof AppError) || !isLasting(call, error)) return;
    told.add(error);
    const { code, message, remedy } = error;
    const text = toOneLine(message, MAX_TEXT_CHARACTERS);
    if (!change(addRefusal(current, { call, code, text, since: clock.now() }))) return;
    log.warn(code, remedy === undefined ? message : `${message} ${remedy}`, { ...error.facts, call });
    events.record('server-refuses', { call, code, reason: text });
  };

  const noteTaken = (call: RefusableCall): void => {
    passingSinceMs.delete(call);
    if (!change(endRefusal(current, call))) return;
    log.info('REFUSAL_ENDED', 'The server takes this call again.', { call });
    events.record('server-takes-again', { call });
  };

  return {
    get current() {
      return current;
    },
    watch: async (call, make, isTaken = () => true) => {
      try {
        const result = await make();
        if (isTaken(result)) noteTaken(call);
        return result;
      } catch (error) {
        noteFailure(call, error);
        throw error;
      }
    },
    noteTaken,
    forget: (call) => {
      passingSinceMs.delete(call);
      change(endRefusal(current, call));
    },
    noteGivenUp: (call, error) => {
      change(addGivenUp(current, { call, code: codeOf(error), lastAt: clock.now() }));
    },
    hasTold: (error) => typeof error === 'object' && error !== null && told.has(error),
  };
}
