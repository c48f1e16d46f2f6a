import type { ReceivedNotification } from '@holdfast/protocol';
import type { Log } from '../../platform/log.ts';

/** Of the loop, as far as a call of the server sets it going. */
export interface CalledLoop {
  readonly state: { readonly phase: string };
  want(errand: 'claim'): void;
  shakeHandsAgain(): void;
  notifySurroundingsChange(): void;
}

/** What the agent does when the server calls. A call is proven and new by then. */
export function reactToNotification(notification: ReceivedNotification, loop: CalledLoop, log: Log): void {
  const { way, commandsWait, handshakeAgain } = notification;
  log.debug('NOTIFIED', 'The server called.', { way, commandsWait, handshakeAgain });
  if (commandsWait) loop.want('claim');
  if (handshakeAgain) loop.shakeHandsAgain();
  // Whoever waits for the server to come back need not wait any more.
  const isAway = loop.state.phase === 'reconnecting' || loop.state.phase === 'waiting';
  if (isAway) loop.notifySurroundingsChange();
}
