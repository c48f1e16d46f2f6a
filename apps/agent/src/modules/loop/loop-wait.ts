import { AppError } from '@holdfast/kernel';
import type { AgentEvent } from './agent-event.ts';
import type { AgentLoop } from './agent-loop.ts';
import { type AgentState, Phase } from './agent-state.ts';

/** What was waited for needs the server, which is away; it is done when the connection is back. */
export class ServerAwaitedError extends AppError<'SERVER_AWAITED'> {
  constructor() {
    super('SERVER_AWAITED', 'The server did not answer in time.', { retry: 'safe' });
  }
}

export interface LoopWaitOptions {
  readonly start: () => void;
  /** True when the event is the end that is waited for, false when it failed, `undefined` for anything else. */
  readonly judge: (event: AgentEvent, after: AgentState) => boolean | undefined;
  readonly limitMs: number;
  /** Ends the wait with its reason; what was set going goes on. */
  readonly signal: AbortSignal;
}

/**
 * Sets something going in the loop and waits for its end.
 *
 * @throws ServerAwaitedError SERVER_AWAITED; the reason of the signal
 */
export async function waitForLoop(
  loop: Pick<AgentLoop, 'listen'>,
  { start, judge, limitMs, signal }: LoopWaitOptions,
): Promise<void> {
  signal.throwIfAborted();
  const ended = Promise.withResolvers<void>();
  const abort = (): void => ended.reject(signal.reason as Error);
  signal.addEventListener('abort', abort);
  const stopListening = loop.listen((event, _, after) => {
    const isGood = after.phase === Phase.stopped ? false : judge(event, after);
    if (isGood === true) ended.resolve();
    if (isGood === false) ended.reject(new ServerAwaitedError());
  });
  const limit = setTimeout(() => ended.reject(new ServerAwaitedError()), limitMs);
  try {
    start();
    await ended.promise;
  } finally {
    clearTimeout(limit);
    signal.removeEventListener('abort', abort);
    stopListening();
  }
}
