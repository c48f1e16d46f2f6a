import { type LogUploadOptions, uploadLogs } from './log-upload.ts';

export interface LogDeliveryOptions extends LogUploadOptions {
  /** Idle hours: only the security journal is sent. */
  readonly isIdle: () => boolean;
}

export interface LogDelivery {
  /** Sends one batch. Answers whether there is more. */
  send(): Promise<{ readonly again: boolean }>;
  /**
   * Sends what waits in all journals, in idle hours too.
   *
   * @param finish has the errand done until nothing is left of it
   * @returns how many entries went
   */
  sendAll(finish: () => Promise<void>): Promise<number>;
}

/** Brings log entries to the server. */
export function createLogDelivery(options: LogDeliveryOptions): LogDelivery {
  /** While somebody asks for all of it. */
  let forcedCount = 0;
  let sentEntryCount = 0;
  return {
    send: async () => {
      const isHeld = options.isIdle() && forcedCount === 0;
      const { again, sentCount } = await uploadLogs({ isIdle: isHeld }, options);
      sentEntryCount += sentCount;
      return { again };
    },
    sendAll: async (finish) => {
      const before = sentEntryCount;
      forcedCount++;
      try {
        await finish();
      } finally {
        forcedCount--;
      }
      return sentEntryCount - before;
    },
  };
}
