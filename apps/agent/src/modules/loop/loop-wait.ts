import { AppError } from '@holdfast/kernel';
import type { AgentEvent } from './agent-event.ts';
import type { AgentLoop } from './agent-loop.ts';
import { type AgentState, Phase } from './agent-state.ts';

/** What was waited for needs the server, which is away; it is done when the connection is back. */
export class ServerAwaitedError extends AppError<'SERVER_AWAITED'> {
  readonly code = 'SERVER_AWAITED';

  constructor() {
    super('The server did not answer in time.', { retry: 'safe' });
  }
}

/**
 * Sets something going in the loop and waits for its end.
 *
 * @param judge true when the event is the end that is waited for, false when it failed, `undefined` for anything else
 * @throws ServerAwaitedError SERVER_AWAITED
 */
export async function waitForLoop(
  loop: Pick<AgentLoop, 'listen'>,
  start: () => void,
  judge: (event: AgentEvent, after: AgentState) => boolean | undefined,
  limitMs: number,
): Promise<void> {
  const ended = Promise.withResolvers<void>();
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
    stopListening();
  }
}
