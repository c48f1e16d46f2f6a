import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { toOneLine } from '@holdfast/kernel';
import { unpackArchive } from '../../../platform/archive-unpack.ts';
import { removeDurably, syncFolder } from '../../../platform/durable-file.ts';
import type { RunToEnd } from '../../../platform/program-end.ts';
import { UpdateError } from '../update.errors.ts';
import type { ComponentHandler, StagedRelease } from './component-handler.ts';
import { createProgramFolder } from './program-folder.ts';

const limits = { maxEntries: 8, maxBytes: 536_870_912 } as const;
const MAX_OUTPUT_CHARACTERS = 300;

export interface AgentProgramOptions {
  /** State folder. */
  readonly home: string;
  /** Of this process. */
  readonly version: string;
  readonly runtimePath: string;
  /**
   * Which release of the program this process is, 0 for the one that was installed; `undefined` where nothing would go back to the
   * previous one.
   */
  readonly runningRelease: number | undefined;
  /** Something starts the agent again when it ends. */
  readonly isSupervised: boolean;
  readonly runToEnd: RunToEnd;
}

/**
 * The agent itself. The new program lies beside the running one and is started in its place by what starts the agent, which goes back
 * when it does not come up three times or does not reach the server in time (`start-program.ts` of the service).
 */
export function createAgentProgramHandler(options: AgentProgramOptions): ComponentHandler {
  const { home, version, runtimePath, runningRelease, isSupervised, runToEnd } = options;
  const programs = createProgramFolder(home);

  const assertWatched = (): number => {
    if (runningRelease !== undefined && isSupervised) return runningRelease;
    throw new UpdateError(
      'AGENT_PROGRAM_NOT_WATCHED',
      'Nothing starts this agent again, or would go back to it when a new one does not run.',
      { remedy: 'Install it once more as a service, with the line of the console.' },
    );
  };

  const unpack = async ({ release, file }: StagedRelease): Promise<string> => {
    const folder = programs.releasePath(release);
    mkdirSync(join(home, 'programs'), { recursive: true, mode: 0o700 });
    syncFolder(home);
    await unpackArchive(file, folder, limits);
    return folder;
  };

  const runProgram = async (
    folder: string,
    words: readonly string[],
    signal: AbortSignal,
  ): Promise<string> => {
    const own = join(folder, 'node');
    const { status, output } = await runToEnd(
      existsSync(own) ? own : runtimePath,
      ['--jitless', join(folder, 'agent.mjs'), ...words],
      { signal, environment: { HOLDFAST_AGENT_HOME: home } },
    );
    if (status === 0) return output;
    signal.throwIfAborted();
    const how = status === undefined ? 'did not come to its end' : `ended with status ${status}`;
    throw createTryError(`${words.join(' ')} ${how}: ${toOneLine(output, MAX_OUTPUT_CHARACTERS)}`);
  };

  return {
    name: 'agent-program',
    findObstacle: () =>
      runningRelease === undefined || !isSupervised
        ? 'Nothing would go back to the program that runs when a new one does not.'
        : undefined,
    findCurrent: () =>
      runningRelease === undefined || runningRelease === 0 ? undefined : { release: runningRelease, version },
    isSameAs: (release) => runningRelease === 0 && release.version === version,
    try: async (staged, signal) => {
      assertWatched();
      const folder = await unpack(staged);
      try {
        if (!existsSync(join(folder, 'agent.mjs'))) throw createTryError('The archive holds no agent.mjs.');
        const [said] = (await runProgram(folder, ['version'], signal)).trim().split('\n');
        if (said !== staged.version)
          throw createTryError(`It says that it is ${toOneLine(said ?? '', 64)}, and not ${staged.version}.`);
        // It has to find its way with what this one has written.
        const status: unknown = JSON.parse(await runProgram(folder, ['status', '--json'], signal));
        if (!isEnrolled(status)) throw createTryError('It does not find the registration of this computer.');
      } catch (error) {
        removeDurably(folder);
        if (error instanceof SyntaxError) throw createTryError('It does not say how it stands.');
        throw error;
      }
    },
    switch: async (staged) => {
      const former = assertWatched();
      await unpack(staged);
      if (former !== staged.release) programs.begin(staged.release, former);
      return 'on-trial';
    },
    rollBack: async ({ from, to }) => {
      // This process is the former one, or none of both could be left.
      programs.choose(runningRelease ?? 0);
      programs.forgetOthers([runningRelease ?? 0, to?.release ?? 0]);
      if (runningRelease === from.release)
        throw new UpdateError(
          'COMPONENT_ROLL_BACK_FAILED',
          'The program that is to be left is the one that runs.',
        );
    },
    findTrialOutcome: (release) => {
      if (runningRelease === release) {
        return programs.isOnTrial(release) ? { state: 'waiting' } : { state: 'proven' };
      }
      const returned = programs.readReturned();
      const isSaid = returned?.release === release && returned.reason === 'did-not-check-in';
      return { state: 'returned', reason: isSaid ? 'did-not-check-in' : 'did-not-start' };
    },
  };
}

function isEnrolled(status: unknown): boolean {
  return (
    typeof status === 'object' && status !== null && 'isEnrolled' in status && status.isEnrolled === true
  );
}

function createTryError(what: string): UpdateError {
  return new UpdateError('COMPONENT_TRY_FAILED', `The new agent cannot be used. ${what}`, {
    remedy: 'The agent that runs stays. Publish another release.',
  });
}
