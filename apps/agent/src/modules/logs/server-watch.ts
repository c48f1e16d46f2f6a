import type { Clock } from '@holdfast/kernel';
import type { LogWriter } from './log-writer.ts';

/** A restarting server is away for some seconds; a whole fleet need not report that. */
const MIN_LOSS_MS = 60_000;

export interface ServerWatch {
  /** Told after each attempt to reach the server. */
  note(contact: 'reached' | 'lost'): void;
}

/** Reports that the server was lost and found again, and for how long, once each. */
export function createServerWatch(events: LogWriter, clock: Clock): ServerWatch {
  let lostAtMs: number | undefined;
  let isReported = false;
  return {
    note: (contact) => {
      const nowMs = clock.monotonic();
      if (contact === 'lost') {
        lostAtMs ??= nowMs;
        if (isReported || nowMs - lostAtMs < MIN_LOSS_MS) return;
        isReported = true;
        events.record('server-lost', { sinceMs: Math.round(nowMs - lostAtMs) });
      } else if (lostAtMs !== undefined) {
        const durationMs = Math.round(nowMs - lostAtMs);
        events.record('server-found', { durationMs }, { severity: isReported ? 'notice' : 'debug' });
        lostAtMs = undefined;
        isReported = false;
      }
    },
  };
}
