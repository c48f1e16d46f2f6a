import { AppError, hasCode } from '@holdfast/kernel';
import { isHandshakeNeeded, McpProblem } from '@holdfast/protocol';
import { CallFailure } from './agent-event.ts';

export interface ClassifiedFailure {
  readonly failure: CallFailure;
  /** 0 when the server did not ask for a wait. */
  readonly retryAfterMs: number;
}

/** What a failed call means to the loop. A bug counts as "later", so that it does not end the agent. */
export function classifyFailure(error: unknown): ClassifiedFailure {
  const retryAfterMs = error instanceof McpProblem ? (error.retryAfterMs ?? 0) : 0;
  return { failure: findFailure(error), retryAfterMs };
}

function findFailure(error: unknown): CallFailure {
  if (!(error instanceof AppError)) return CallFailure.unreachable;
  if (isHandshakeNeeded(error)) return CallFailure.accessExpired;
  if (hasCode(error, 'PRODUCT_UNKNOWN')) return CallFailure.unknownProduct;
  if (hasCode(error, 'PRODUCT_DISABLED')) return CallFailure.disabled;
  // A challenge that took too long on its way: the next one may be quicker.
  if (error.retry === 'safe' || hasCode(error, 'CHALLENGE_INVALID')) return CallFailure.unreachable;
  return CallFailure.refused;
}
