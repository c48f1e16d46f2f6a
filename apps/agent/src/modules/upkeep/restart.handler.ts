import { once } from 'node:events';
import { commandCatalogue } from '@holdfast/protocol';
import { type CommandHandler, defineHandler, OnRestart, stopped } from '../commands/index.ts';
import { UpkeepError } from './upkeep.errors.ts';

export interface RestartOptions {
  /** Something starts the agent again when it ends. */
  readonly isSupervised: boolean;
  readonly version: string;
  /** Ends this process, soon. */
  readonly onRestart: () => void;
}

/** The next process reports the end: that it runs is the success, however the one before it ended. */
export function createRestartHandler({ isSupervised, version, onRestart }: RestartOptions): CommandHandler {
  return defineHandler({
    definition: commandCatalogue.restartAgent,
    onRestart: OnRestart.resume,
    run: async ({ stopSignal, resumed }) => {
      if (resumed !== undefined) return { detail: 'The agent has restarted.', result: { version } };
      if (!isSupervised) {
        throw new UpkeepError(
          'AGENT_NOT_SUPERVISED',
          'The agent runs in the foreground, and nothing would start it again.',
          { remedy: 'Install it as a service on that computer.' },
        );
      }
      onRestart();
      // The end of the process is under way and nobody can call it off.
      if (!stopSignal.aborted) await once(stopSignal, 'abort');
      throw stopped(stopSignal, 'The agent restarts.');
    },
  });
}
