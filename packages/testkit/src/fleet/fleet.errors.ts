import { AppError } from '@holdfast/kernel';

export type FleetErrorCode =
  /** The arguments do not make a fleet. */
  | 'FLEET_OPTION_INVALID'
  /** The server is not this computer, and nobody said that it is theirs. */
  | 'FLEET_TARGET_FOREIGN'
  /** The name of the server has no address. */
  | 'FLEET_TARGET_UNKNOWN'
  /** The addresses to send from are not there, or do not fit the server's. */
  | 'FLEET_SOURCE_UNAVAILABLE'
  /** The state file is another server's, another fleet's, or no state file. */
  | 'FLEET_STATE_UNREADABLE'
  /** The enrolment token was refused, so no product can register. */
  | 'FLEET_REGISTRATION_REFUSED';

export class FleetError extends AppError<FleetErrorCode> {}

/** @param code of the server's refusal */
export function createTokenRefusal(code: string): FleetError {
  return new FleetError('FLEET_REGISTRATION_REFUSED', 'The server refuses the enrolment token.', {
    facts: { code },
    remedy: 'Make a new token in the console, with enough uses for the whole fleet.',
  });
}
