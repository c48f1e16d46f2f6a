/** Who asks for the slow hash of a password. */
export interface PasswordCaller {
  /**
   * `known`: a name at an address where it signed in before, an open one-time link, or a session. `stranger`:
   * everybody else.
   */
  readonly lane: 'known' | 'stranger';
  /** The network that the request comes from, see `addressKey`. */
  readonly network: string;
  /** False once nobody waits for the answer any more. */
  readonly isWanted: () => boolean;
}

export interface LaneSettings {
  readonly maxRunning: number;
  readonly maxWaiting: number;
  readonly maxWaitingPerNetwork: number;
}

export type PasswordQueueSettings = Readonly<Record<PasswordCaller['lane'], LaneSettings>>;

interface Waiting {
  readonly caller: PasswordCaller;
  readonly resolve: (isTurn: boolean) => void;
}

// Each hash takes 64 MiB and a core for a few tenths of a second: two at once leave the rest of the server its cores.
// One of the two places is never a stranger's, and both lanes are through in a few seconds.
export const defaultPasswordQueue: PasswordQueueSettings = {
  known: { maxRunning: 2, maxWaiting: 32, maxWaitingPerNetwork: 8 },
  stranger: { maxRunning: 1, maxWaiting: 8, maxWaitingPerNetwork: 2 },
};

/**
 * Two lanes to the same workers: known callers go first, and strangers have at most their own places. Invariant:
 * whatever
 * strangers do, a known caller waits for at most one hash of theirs, and no stranger takes a place in its queue.
 */
export class PasswordQueue {
  readonly #settings: PasswordQueueSettings;
  readonly #waiting: Readonly<Record<PasswordCaller['lane'], Waiting[]>> = { known: [], stranger: [] };
  readonly #running = { known: 0, stranger: 0 };

  constructor(settings: PasswordQueueSettings = defaultPasswordQueue) {
    this.#settings = settings;
  }

  /**
   * Resolves with the function that leaves (once; later calls do nothing), or with `undefined` when too many wait
   * already or nobody waits for this answer any more.
   */
  async enter(caller: PasswordCaller): Promise<(() => void) | undefined> {
    const { lane } = caller;
    if (!this.#hasPlace(lane)) {
      if (!this.#hasRoomToWait(caller)) return undefined;
      const isTurn = await new Promise<boolean>((resolve) => this.#waiting[lane].push({ caller, resolve }));
      if (!isTurn) return undefined;
    } else {
      this.#running[lane] += 1;
    }
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      this.#running[lane] -= 1;
      this.#admit();
    };
  }

  #hasPlace(lane: PasswordCaller['lane']): boolean {
    const total = this.#running.known + this.#running.stranger;
    return total < this.#settings.known.maxRunning && this.#running[lane] < this.#settings[lane].maxRunning;
  }

  #hasRoomToWait({ lane, network }: PasswordCaller): boolean {
    this.#dropUnwanted(lane);
    const { maxWaiting, maxWaitingPerNetwork } = this.#settings[lane];
    const waiting = this.#waiting[lane];
    const ofNetwork = waiting.filter((it) => it.caller.network === network).length;
    return waiting.length < maxWaiting && ofNetwork < maxWaitingPerNetwork;
  }

  #admit(): void {
    for (const lane of ['known', 'stranger'] as const) {
      this.#dropUnwanted(lane);
      while (this.#hasPlace(lane)) {
        const next = this.#waiting[lane].shift();
        if (next === undefined) break;
        // The place is taken here, so that nobody gets in before the one who waited continues.
        this.#running[lane] += 1;
        next.resolve(true);
      }
    }
  }

  #dropUnwanted(lane: PasswordCaller['lane']): void {
    const waiting = this.#waiting[lane];
    const gone = waiting.filter((it) => !it.caller.isWanted());
    if (gone.length === 0) return;
    const left = waiting.filter((it) => !gone.includes(it));
    waiting.splice(0, waiting.length, ...left);
    for (const it of gone) it.resolve(false);
  }
}
