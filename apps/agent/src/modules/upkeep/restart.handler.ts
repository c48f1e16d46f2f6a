import { type CommandHandler, endsWithProcess } from '../commands/index.ts';
import { UpkeepError } from './upkeep.errors.ts';

export interface RestartOptions {
  /** Something starts the agent again when it ends. */
  readonly isSupervised: boolean;
  readonly version: string;
  /** Ends this process, soon. */
  readonly onRestart: () => void;
}

/** Obeys `restart-agent`. The next process reports the end: that it runs is the success, however the one before it ended. */
export function createRestartHandler({ isSupervised, version, onRestart }: RestartOptions): CommandHandler {
  return {
    type: 'restart-agent',
    isSafeToRepeat: false,
    run: async () => {
      if (!isSupervised) {
        throw new UpkeepError(
          'AGENT_NOT_SUPERVISED',
          'The agent runs in the foreground, and nothing would start it again.',
          { remedy: 'Install it as a service on that computer.' },
        );
      }
      onRestart();
      return endsWithProcess;
    },
    recover: () => ({ detail: 'The agent has restarted.', result: { version } }),
  };
}
