import { AppError, describeFailure, hasCode } from '@holdfast/kernel';
import {
  EnrolmentTokenError,
  McpClientError,
  McpProblem,
  parseEnrolmentToken,
  planRetryMs,
} from '@holdfast/protocol';
import { enrol, type EnrolmentOptions, type EnrolmentOutcome } from './enrolment.service.ts';
import { findWaiting, saveWaiting } from './enrolment-waiting.ts';
import { findKeptToken, forgetToken } from './kept-token.ts';
import { createNotEnrolledError } from './registration.errors.ts';

const MIN_ADMISSION_WAIT_MS = 1_000;
const MAX_ADMISSION_WAIT_MS = 300_000;

export interface BackgroundEnrolment extends EnrolmentOptions {
  /** Read again for each attempt: a newer token takes the place of the one that is waited with. */
  readonly tokenPath: string;
  readonly onWaiting: (failure: { readonly code: string; readonly message: string }) => void;
}

/**
 * Joins the server of the token that was kept, however long it takes until the server is reached and an administrator has agreed.
 * Goes on after everything that anybody on the way to the server could cause; only what the proven server itself says, or a token
 * that cannot be read, ends it, and the token with it.
 *
 * @throws RegistrationError NOT_ENROLLED where no token is kept; what ended it; AbortError of `wait`
 */
export async function enrolInBackground(options: BackgroundEnrolment): Promise<EnrolmentOutcome> {
  const { tokenPath, database, clock, random, wait, onWaiting } = options;
  let failures = 0;
  for (;;) {
    const tokenText = findKeptToken(tokenPath);
    if (tokenText === undefined) throw createNotEnrolledError();
    let delayMs: number;
    try {
      const outcome = await enrol({ tokenText, isForced: false, waitsForApproval: false }, options);
      forgetToken(tokenPath);
      return outcome;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { code, message } = error;
      if (isRefusal(error)) {
        const { remedy } = describeFailure(error);
        const addresses =
          error instanceof EnrolmentTokenError ? [] : parseEnrolmentToken(tokenText).addresses;
        saveWaiting(database, { reason: 'refused', sinceMs: clock.now(), addresses, code, message, remedy });
        // What was brought while the server thought about this one is tried next.
        if ((findKeptToken(tokenPath) ?? tokenText) !== tokenText) continue;
        forgetToken(tokenPath);
        throw error;
      }
      if (hasCode(error, 'APPROVAL_AWAITED')) {
        failures = 0;
        const askedMs = Number(error.facts['retryAfterMs']);
        const boundedMs = Math.min(MAX_ADMISSION_WAIT_MS, Math.max(MIN_ADMISSION_WAIT_MS, askedMs || 0));
        delayMs = Math.round(boundedMs * (1 + 0.2 * random()));
      } else if (isWayToServer(error)) {
        failures += 1;
        delayMs = planRetryMs(failures, random());
        const { addresses } = parseEnrolmentToken(tokenText);
        const { keyThumbprint } = findWaiting(database) ?? {};
        saveWaiting(database, {
          reason: 'server',
          sinceMs: clock.now(),
          keyThumbprint,
          addresses,
          code,
          message,
        });
      } else throw error;
      onWaiting({ code, message });
    }
    await wait(delayMs);
  }
}

/** What lies between this computer and an answer of its server, or an answer that may be another one later. A failure of this computer is none. */
export function isWayToServer(error: unknown): boolean {
  return error instanceof McpClientError || error instanceof McpProblem;
}

/** Said by the server behind the pinned authority, or seen in the token itself. */
function isRefusal(error: AppError): boolean {
  if (error instanceof EnrolmentTokenError) return true;
  return error instanceof McpProblem && error.retry === 'never';
}
