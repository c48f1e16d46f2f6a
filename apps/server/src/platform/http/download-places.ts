import { addressKey } from '../rate-limit/token-buckets.ts';
import { HttpError } from './http.errors.ts';

export interface DownloadLimits {
  /** How many files are sent at once. */
  readonly maxAtOnce: number;
  /** Of these, to one network: a site behind one address goes on in turns. */
  readonly maxOfNetwork: number;
  /** After this a download is ended, so that nobody keeps a place by reading slowly. */
  readonly maxDurationMs: number;
}

export const defaultDownloadLimits: DownloadLimits = {
  maxAtOnce: 32,
  maxOfNetwork: 8,
  // An archive of the agent, at 40 KB a second.
  maxDurationMs: 20 * 60_000,
};

const RETRY_AFTER_MS = 5_000;

/** Who has a place among the downloads at this moment. */
export class DownloadPlaces {
  readonly #limits: DownloadLimits;
  readonly #taken = new Map<string, number>();
  #count = 0;

  constructor(limits: DownloadLimits) {
    this.#limits = limits;
  }

  /**
   * @returns gives the place back; later calls do nothing
   * @throws HttpError RATE_LIMITED when the caller's network has its places, SERVER_BUSY when all are taken
   */
  take(remoteAddress: string): () => void {
    const network = addressKey(remoteAddress);
    const { maxAtOnce, maxOfNetwork } = this.#limits;
    const taken = this.#taken.get(network) ?? 0;
    const soon = { retry: 'safe', retryAfterMs: RETRY_AFTER_MS } as const;
    if (taken >= maxOfNetwork) {
      const message = `Your network downloads ${maxOfNetwork} files already.`;
      throw new HttpError('RATE_LIMITED', message, {
        ...soon,
        remedy: 'Try again when one of them is done.',
      });
    }
    if (this.#count >= maxAtOnce) {
      const message = 'The server sends as many files as it can.';
      throw new HttpError('SERVER_BUSY', message, { ...soon, remedy: 'Try again in a moment.' });
    }
    this.#count += 1;
    this.#taken.set(network, taken + 1);
    let isBack = false;
    return () => {
      if (isBack) return;
      isBack = true;
      this.#count -= 1;
      const left = (this.#taken.get(network) ?? 0) - 1;
      if (left > 0) this.#taken.set(network, left);
      else this.#taken.delete(network);
    };
  }
}
