import { type Lane, lanes, limits } from '@holdfast/protocol';
import type { AgentModule, ModuleNeeds } from '../agent-module.ts';
import { commandMigrations } from './command-migrations.ts';

/** Names of the errands that run what is in line, one for each lane. */
export const runErrands: readonly string[] = lanes.map(nameRun);

/** Fetches commands and has them carried out by the handlers of other modules. */
export const commandsModule = {
  name: 'commands',
  migrations: commandMigrations,
  create: ({
    getCommands,
    client,
    log,
    reportDelivery,
  }: Pick<ModuleNeeds, 'getCommands' | 'client' | 'log' | 'reportDelivery'>) => {
    let isFull = false;

    const claim = async (): Promise<{ readonly again: boolean }> => {
      const commands = getCommands();
      const room = commands.countRoom(limits.maxCommandsPerClaim);
      if (room === 0 && !isFull)
        log.warn(
          'OUTBOX_FULL',
          'The outbox is full: no new command is taken until the server has the results.',
        );
      isFull = room === 0;
      // Only the answer to a claim says what is to end, so one command is asked for while something could be ended, and
      // not taken.
      if (isFull && commands.countUnfinished() === 0) return { again: false };
      const { commands: offered, cancel } = await client.claimCommands(Math.max(1, room));
      const claimed = offered.slice(0, room);
      const newCount = commands.take({ commands: claimed, cancel });
      // Only commands reported as accepted make room for more, so a full batch is reported before the next claim.
      const again = claimed.length === room && newCount > 0;
      if (again) await reportDelivery.send();
      return { again };
    };

    const run = async (lane: Lane): Promise<{ readonly again: boolean }> => {
      const outcome = await getCommands().runWaiting(lane);
      // The loop repeats the errand when the connection is back.
      if (outcome.state === 'postponed') throw outcome.cause;
      return { again: false };
    };

    return {
      errands: [
        { name: 'claim', occasions: ['handshake', 'commands-wait'], run: claim },
        ...lanes.map((lane) => ({
          name: nameRun(lane),
          // What was begun and goes on needs no server for that.
          occasions: ['start', 'handshake'] as const,
          needsServer: false,
          run: () => run(lane),
        })),
      ],
      start: () => getCommands().recover(),
      // With or without a connection: a result that is stored now is delivered after the next start.
      stop: () => getCommands().stop(),
    };
  },
} satisfies AgentModule;

function nameRun(lane: Lane): string {
  return `run-${lane}`;
}
