import { AppError } from '@holdfast/kernel';
import type { PowerObstacle } from './power-switch.ts';

export type ShutdownErrorCode =
  | 'SHUTDOWN_NOT_ALLOWED'
  | 'SHUTDOWN_UNSUPPORTED'
  /** The system did not take the order. */
  | 'SHUTDOWN_REFUSED'
  /** It took the order, and is still up. */
  | 'SHUTDOWN_DID_NOT_HAPPEN'
  /** Somebody started the computer anew before its time, so nothing was ordered. */
  | 'SHUTDOWN_OVERTAKEN'
  /** The system does not say whether it was started anew since. */
  | 'SHUTDOWN_OUTCOME_UNKNOWN';

/** The computer cannot be made to go down, or did not. */
export class ShutdownError extends AppError<ShutdownErrorCode> {}

const obstacles: Readonly<Record<PowerObstacle, () => ShutdownError>> = {
  'no-right': () =>
    new ShutdownError('SHUTDOWN_NOT_ALLOWED', 'The agent runs as an ordinary user, who may not do that.', {
      remedy: 'Install the agent as a service on that computer: `holdfast agent install`.',
    }),
  'in-container': () =>
    new ShutdownError('SHUTDOWN_UNSUPPORTED', 'The agent runs in a container, which is not the computer.', {
      remedy: 'Install an agent on the computer itself.',
    }),
  'unknown-system': () =>
    new ShutdownError('SHUTDOWN_UNSUPPORTED', 'This system does not say when it was started.', {
      remedy: 'Restart or shut down that computer by its own means.',
    }),
};

export function createObstacleError(obstacle: PowerObstacle): ShutdownError {
  return obstacles[obstacle]();
}
