import type { Clock } from '@holdfast/kernel';
import { TokenBuckets } from '../../platform/rate-limit/token-buckets.ts';

// An administrator who mistypes is always recorded; a flood leaves about 3,600 entries an hour and a count.
const BOUND = { burst: 120, perSecond: 1 };
const EVERYBODY = 'everybody';

/** Keeps a flood of failed sign-ins from flooding the audit log, without hiding that there was one. */
export class FailureAudit {
  readonly #buckets: TokenBuckets;
  #suppressed = 0;

  constructor(clock: Clock) {
    this.#buckets = new TokenBuckets(BOUND, clock);
  }

  /** Undefined: do not record this one. Else how many were not recorded since the last that was. */
  admit(): { readonly suppressedBefore: number } | undefined {
    if (this.#buckets.take(EVERYBODY) > 0) {
      this.#suppressed += 1;
      return undefined;
    }
    const suppressedBefore = this.#suppressed;
    this.#suppressed = 0;
    return { suppressedBefore };
  }
}
