import type { McpClient } from '@holdfast/protocol';
import type { Log } from '../../platform/log.ts';
import type { AgentModule } from '../agent-module.ts';
import type { Journals } from './journals.service.ts';
import { type LogUploadOptions, uploadLogs } from './log-upload.ts';

export interface LogsModuleOptions extends Pick<LogUploadOptions, 'onGivenUp'> {
  readonly journals: Journals;
  readonly client: Pick<McpClient, 'sendLogs'>;
  readonly log: Log;
  /** Idle hours: only the security journal is sent. */
  readonly isIdle: () => boolean;
}

export interface LogsModule extends AgentModule {
  /**
   * Sends what waits in all journals, in idle hours too.
   *
   * @param finish has the errand done until nothing is left of it
   * @returns how many entries went
   */
  sendAll(finish: () => Promise<void>): Promise<number>;
}

/** Brings log entries to the server, and says in each heartbeat how many wait. */
export function createLogsModule(options: LogsModuleOptions): LogsModule {
  const { journals, isIdle } = options;
  /** While somebody asks for all of it. */
  let forcedCount = 0;
  let sentEntryCount = 0;
  return {
    name: 'logs',
    heartbeat: () => ({ waitingEntryCount: journals.countWaiting() }),
    errands: [
      {
        name: 'logs',
        occasions: ['handshake', 'idle-hours-end'],
        isPartOfFarewell: true,
        run: async () => {
          const isHeld = isIdle() && forcedCount === 0;
          const { again, sentCount } = await uploadLogs({ isIdle: isHeld }, options);
          sentEntryCount += sentCount;
          return { again };
        },
      },
    ],
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
