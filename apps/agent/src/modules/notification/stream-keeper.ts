import { isHandshakeNeeded, McpProblem, planReturnMs } from '@holdfast/protocol';
import { codeOf, describeError, type Log } from '../../platform/log.ts';
import type { LoopTimer } from '../../platform/timers.ts';

export interface StreamKeeperOptions {
  /** One stream, until it ends; see `McpClient.holdStream`. */
  readonly hold: (onOpen: () => void) => Promise<void>;
  readonly timer: LoopTimer;
  readonly random: () => number;
  /** Time over which the fleet is to spread its return, as the last handshake said. */
  readonly findReturnSpreadMs: () => number;
  /** The access token has run out: only a handshake gives the next one. */
  readonly onHandshakeNeeded: () => void;
  readonly log: Log;
}

/** Keeps a stream of notifications open while it is wanted. */
export interface StreamKeeper {
  /** After each choice of the mode: true opens a stream at once, with the proofs of the handshake in use. */
  keep(isWanted: boolean): void;
  stop(): void;
}

export function createStreamKeeper(options: StreamKeeperOptions): StreamKeeper {
  const { timer, random, log } = options;
  /** Which wish is in force: the end of a stream of an earlier one opens nothing. */
  let wish = 0;
  let failures = 0;

  const open = async (mine: number): Promise<void> => {
    let retryAfterMs = 0;
    try {
      await options.hold(() => {
        failures = 0;
        log.debug('STREAM_OPEN', 'The server can call through an open stream.');
      });
      failures = 1;
    } catch (error) {
      failures++;
      if (mine !== wish) return;
      if (isHandshakeNeeded(error)) return options.onHandshakeNeeded();
      // Only the first of a row is worth a line: heartbeats go on, and they tell how it stands with the server.
      if (failures === 1) log.info(codeOf(error), `There is no stream: ${describeError(error)}`);
      retryAfterMs = error instanceof McpProblem ? (error.retryAfterMs ?? 0) : 0;
    }
    if (mine !== wish) return;
    const waitMs = planReturnMs(failures, random(), options.findReturnSpreadMs(), retryAfterMs);
    timer.set(waitMs, () => void open(mine));
  };

  return {
    keep: (isWanted) => {
      wish++;
      timer.clear();
      if (isWanted) void open(wish);
    },
    stop: () => {
      wish++;
      timer.clear();
    },
  };
}
