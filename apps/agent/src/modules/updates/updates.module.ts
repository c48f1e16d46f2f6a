import { createUpdateClient } from '@holdfast/components/client';
import { AppError } from '@holdfast/kernel';
import { planRetryMs } from '@holdfast/protocol';
import { createLoopTimer } from '../../platform/timers.ts';
import type { AgentModule, ModuleNeeds } from '../agent-module.ts';
import { createComponentFiles } from './component-files.ts';
import { createComponentPlaces } from './component-places.ts';
import { SwitchStep } from './component-record.ts';
import { digestComponents } from './component-states.ts';
import { createComponentSwitch } from './component-switch.ts';
import { createComponentUpdate } from './component-update.ts';
import { createAgentProgramHandler } from './handlers/agent-program.ts';
import { createClamAvHandler, findScanner } from './handlers/clamav-database.ts';
import { createPlainFileHandler } from './handlers/plain-file.ts';
import { createProgramFolder } from './handlers/program-folder.ts';
import { createRuleFilesHandler } from './handlers/rule-files.ts';
import { createReleaseDownload } from './release-download.ts';
import { readUpdateCheck } from './update-check.ts';
import { createUpdateLook } from './update-look.ts';
import { updateMigrations } from './update-migrations.ts';
import { createUpdateNowHandler } from './update-now.handler.ts';
import { describePlatform } from './update-plan.ts';
import { createUpdateRun } from './update-run.ts';

const HOUR_MS = 3_600_000;
/** How often it is looked for updates; the first time at once. */
const intervalMs: Readonly<Partial<Record<NodeJS.Platform, number>>> = { android: 24 * HOUR_MS };
/** Over which agents that hear of something new fetch it, so that they do not do so all at once. */
const SPREAD_MS = 15 * 60_000;
/** A busy agent is started anew for its new program when it has nothing to do, and at last anyway. */
const RESTART_LOOK_MS = 60_000;
const MAX_RESTART_LOOKS = 360;

const LOOK = 'updates';

type UpdateNeeds = Pick<
  ModuleNeeds,
  | 'database'
  | 'clock'
  | 'random'
  | 'log'
  | 'platform'
  | 'home'
  | 'version'
  | 'client'
  | 'events'
  | 'computer'
  | 'isSupervised'
  | 'programRelease'
  | 'runtimePath'
  | 'componentSources'
  | 'repositoryStore'
  | 'onRestart'
  | 'getCommands'
  | 'getLoop'
>;

/** Keeps the components of this computer up to date: after the start, once an hour, when the server has something new, and when it is ordered. */
export const updatesModule = {
  name: 'updates',
  migrations: updateMigrations,
  create: (needs: UpdateNeeds) => {
    const { database, clock, random, log, home, client, events, getLoop, componentSources } = needs;
    const { components, run } = assemble(needs);
    const stopping = new AbortController();
    const timer = createLoopTimer();
    const restartTimer = createLoopTimer();
    let isNotice = false;
    let noticed = 0;
    let failures = 0;
    const awaiting = new Set<() => void>();

    const areTrialsOver = (): boolean =>
      components.store.list().every(({ step }) => step !== SwitchStep.onTrial);

    const noteTrials = (): void => {
      if (!areTrialsOver()) return;
      for (const go of awaiting) go();
      awaiting.clear();
    };

    const lookForUpdates = async (): Promise<{ readonly again: false }> => {
      const wasNotice = isNotice;
      isNotice = false;
      timer.clear();
      try {
        const outcome = await run.run({ isOrdered: false, isNotice: wasNotice, signal: stopping.signal });
        failures = 0;
        if (outcome.isLeft) timer.set(random() * SPREAD_MS, () => getLoop().want(LOOK));
        if (outcome.isRestartNeeded) restartWhenFree(0);
      } catch (error) {
        // What is wrong with the server is the loop's; a repository that cannot be followed is looked at again by itself.
        const isOfRepository =
          error instanceof AppError && /^(?:METADATA|SOURCE|TARGET|COMPONENT)_/u.test(error.code);
        if (!isOfRepository) throw error;
        failures++;
        timer.set(planRetryMs(failures + 4, random()), () => getLoop().want(LOOK));
      }
      return { again: false };
    };

    const restartWhenFree = (looks: number): void => {
      if (needs.getCommands().countUnfinished() === 0 || looks >= MAX_RESTART_LOOKS) return needs.onRestart();
      restartTimer.set(RESTART_LOOK_MS, () => restartWhenFree(looks + 1));
    };

    /** This program has reached the server. */
    const prove = async (): Promise<{ readonly again: false }> => {
      const release = needs.programRelease ?? 0;
      const programs = createProgramFolder(home);
      if (release > 0 && programs.isOnTrial(release)) {
        programs.prove();
        log.info('AGENT_PROGRAM_PROVEN', 'The new program of the agent has reached the server and stays.');
      }
      await run.recover();
      noteTrials();
      await run.tell();
      return { again: false };
    };

    return {
      commands: [
        createUpdateNowHandler({
          run,
          store: components.store,
          awaitTrials: async (signal) => {
            if (areTrialsOver()) return;
            const { promise, resolve } = Promise.withResolvers<void>();
            awaiting.add(resolve);
            await Promise.race([promise, rejectOn(signal)]);
          },
          onRestart: needs.onRestart,
        }),
      ],
      errands: [
        {
          name: 'components-recovery',
          occasions: ['start'],
          needsServer: false,
          run: async () => {
            await run.recover();
            noteTrials();
            return { again: false };
          },
        },
        { name: 'program-proof', occasions: ['handshake'], run: prove },
        {
          name: LOOK,
          everyMs: intervalMs[needs.platform] ?? HOUR_MS,
          isHeldInIdleHours: true,
          afterRefusalMs: HOUR_MS,
          run: lookForUpdates,
        },
      ],
      heartbeat: () => ({ componentSetDigest: digestComponents(components.store.listInUse()) }),
      start: () => {
        getLoop().listen((event, _, { isIdle }) => {
          if (event.type !== 'heartbeat-acknowledged' || isIdle) return;
          const { catalogueVersion = 0 } = event;
          const known = Math.max(noticed, readUpdateCheck(database).catalogueVersion ?? 0);
          if (!(catalogueVersion > known)) return;
          noticed = catalogueVersion;
          isNotice = true;
          getLoop().want(LOOK);
        });
      },
      stop: () => {
        timer.clear();
        restartTimer.clear();
        stopping.abort();
      },
    };

    function assemble({
      platform,
      version,
      computer,
      isSupervised,
      programRelease,
      runtimePath,
    }: UpdateNeeds) {
      const files = createComponentFiles(home);
      const places = createComponentPlaces(home);
      const placed = { files, places, runToEnd: computer.runToEnd };
      const handlers = [
        createPlainFileHandler(placed),
        createRuleFilesHandler({ ...placed, platform }),
        createClamAvHandler({ ...placed, findScanner }),
        createAgentProgramHandler({
          home,
          version,
          runtimePath,
          runningRelease: programRelease,
          isSupervised,
          runToEnd: computer.runToEnd,
        }),
      ];
      const switching = createComponentSwitch({ database, files, handlers, clock, log });
      const download = createReleaseDownload({ files, home, log });
      const metadata = needs.repositoryStore;
      const updateClient = createUpdateClient({ store: metadata, source: componentSources.server, clock });
      return {
        components: switching,
        run: createUpdateRun({
          database,
          client,
          components: switching,
          places,
          platform: describePlatform(platform),
          look: createUpdateLook({ database, clock, log, updateClient, metadata, sources: componentSources }),
          createUpdate: (onDownload) =>
            createComponentUpdate({
              database,
              clock,
              random,
              events,
              components: switching,
              sources: componentSources,
              download,
              onDownload,
            }),
        }),
      };
    }
  },
} satisfies AgentModule;

async function rejectOn(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const end = (): void => reject(signal.reason as Error);
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  return await promise;
}
