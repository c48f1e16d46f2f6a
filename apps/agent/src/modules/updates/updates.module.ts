import { createUpdateClient } from '@holdfast/components/client';
import { AppError } from '@holdfast/kernel';
import { planRetryMs } from '@holdfast/protocol';
import { networkInterfaces } from 'node:os';
import { codeOf, describeError } from '../../platform/log.ts';
import { createLoopTimer } from '../../platform/timers.ts';
import type { AgentModule, ModuleNeeds } from '../agent-module.ts';
import { createActiveAgent, createLanSettingsStore, toLanSettingsValue } from '../active-agent/index.ts';
import { createRegistrationStore } from '../registration/index.ts';
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
import { describeLan } from './lan-report.ts';
import { createLanUpdates } from './lan-updates.ts';
import { createReleaseDownload } from './release-download.ts';
import { readUpdateCheck } from './update-check.ts';
import { createUpdateLook } from './update-look.ts';
import { updateMigrations } from './update-migrations.ts';
import { createUpdateNowHandler } from './update-now.handler.ts';
import { describePlatform } from './update-plan.ts';
import { createUpdateRun, type UpdateRun } from './update-run.ts';

const HOUR_MS = 3_600_000;
/** How often it is looked for updates; the first time at once. */
const intervalMs: Readonly<Partial<Record<NodeJS.Platform, number>>> = { android: 24 * HOUR_MS };
/** Over which agents that hear of something new fetch it, so that they do not do so all at once. */
const SPREAD_MS = 15 * 60_000;
/** A busy agent is started anew for its new program when it has nothing to do, and at last anyway. */
const RESTART_LOOK_MS = 60_000;
const MAX_RESTART_LOOKS = 360;

/** An election says several things in a short time. */
const TELL_AFTER_MS = 2_000;
/** The server has answered lately: within some heartbeats. */
const REACHED_MS = 15 * 60_000;

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
  | 'connection'
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
    const { components, run, activeAgent, lan, settings } = assemble(needs);
    const stopping = new AbortController();
    const timer = createLoopTimer();
    const restartTimer = createLoopTimer();
    const tellTimer = createLoopTimer();
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
        const outcome = await run.run({
          isOrdered: false,
          // Where others are near, one of them fetches, and the others from it.
          findLeft: () => (isOnLan() ? 'everything' : wasNotice ? 'unless-urgent' : 'nothing'),
          signal: stopping.signal,
        });
        failures = 0;
        if (!outcome.isLeft) lan.noteRun();
        else leave(outcome.isUrgent);
        lan.noteLook();
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

    /** What there is is fetched later, and from whoever is near where somebody is. */
    const leave = (isUrgent: boolean): void => {
      const version = readUpdateCheck(database).catalogueVersion ?? 0;
      if (!isOnLan()) timer.set(random() * SPREAD_MS, () => getLoop().want(LOOK));
      else if (version > lan.revision) activeAgent.noteServerWord(version, isUrgent ? version : 0);
      // Nothing was published since the last fetch: a plan has come to this device, or what failed is tried again.
      else timer.set(isUrgent ? 0 : random() * (settings.current()?.windowMs ?? 0), () => void fetchLeft());
    };

    const fetchLeft = async (): Promise<void> => {
      try {
        const outcome = await runNearby({ isOrdered: false, signal: stopping.signal });
        if (outcome.isRestartNeeded) restartWhenFree(0);
      } catch (error) {
        // It is looked again within the hour.
        if (!stopping.signal.aborted) log.info(codeOf(error), describeError(error));
      }
    };

    /** The server says what there is; files come from the Active Agent that is followed, if there is one. */
    const runNearby: UpdateRun['run'] = async (wish) =>
      await activeAgent.withLeader(async (leader) => {
        const near = leader === undefined ? [] : [componentSources.countLan(leader)];
        const files = [...near, componentSources.server];
        const outcome = await run.run({ ...wish, sources: { metadata: componentSources.server, files } });
        if (wish.only === undefined) lan.noteRun();
        lan.noteLook();
        return outcome;
      });

    /** Only what is news is told; what cannot be told now is with the next look. */
    const tellStanding = (): void => {
      run.tell().catch((error: unknown) => log.debug(codeOf(error), describeError(error)));
    };

    const isOnLan = (): boolean => activeAgent.view.segments.length > 0;

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
          run: runNearby,
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
        // What the cache holds is judged by what is vouched for.
        lan
          .start()
          .catch((error: unknown) => log.debug(codeOf(error), describeError(error)))
          .finally(() => {
            if (!stopping.signal.aborted) activeAgent.start();
          });
        getLoop().listen((event, _, { isIdle }) => {
          if (event.type !== 'heartbeat-acknowledged' || isIdle) return;
          const { catalogueVersion = 0 } = event;
          if (isOnLan()) {
            if (catalogueVersion > 0) activeAgent.noteServerWord(catalogueVersion, 0);
            return;
          }
          const known = Math.max(noticed, readUpdateCheck(database).catalogueVersion ?? 0);
          if (!(catalogueVersion > known)) return;
          noticed = catalogueVersion;
          isNotice = true;
          getLoop().want(LOOK);
        });
      },
      stop: async () => {
        stopping.abort();
        await activeAgent.stop();
        for (const one of [timer, restartTimer, tellTimer]) one.clear();
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
      const updateClient = createUpdateClient({ store: metadata, source: componentSources.metadata, clock });
      const settings = createLanSettingsStore(database);
      const lan = createLanUpdates({
        findRevision: () => readUpdateCheck(database).catalogueVersion ?? 0,
        metadata,
        sources: componentSources,
        readTrusted: async () => await updateClient.trusted(),
        run: async (sources, signal) => {
          const outcome = await run.run({ isOrdered: false, sources, signal });
          if (outcome.isRestartNeeded) restartWhenFree(0);
        },
      });
      const productNumber = createRegistrationStore(database).find()?.product.productNumber ?? 0;
      const activeAgent = createActiveAgent({
        productNumber,
        settings,
        updates: lan,
        server: componentSources.server,
        isServerReached: () => {
          const { lastContactAt } = needs.connection.current;
          return lastContactAt !== undefined && clock.now() - lastContactAt < REACHED_MS;
        },
        home,
        platform,
        run: computer.run,
        findInterfaces: networkInterfaces,
        clock,
        random,
        log,
        onStanding: () => tellTimer.set(TELL_AFTER_MS, tellStanding),
      });
      const run = createUpdateRun({
        database,
        client,
        components: switching,
        places,
        platform: describePlatform(platform),
        look: createUpdateLook({
          database,
          clock,
          log,
          updateClient,
          metadata,
          sources: componentSources,
          onFollowed: (catalogue) => lan.note(catalogue),
        }),
        sources: componentSources,
        describeLan: () =>
          describeLan({ activeAgent, productNumber, settings, traffic: componentSources.traffic }),
        onLanTerms: (terms) => {
          try {
            settings.save(toLanSettingsValue(terms));
          } catch (error) {
            log.warn(codeOf(error), describeError(error));
          }
        },
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
      });
      return { components: switching, run, activeAgent, lan, settings };
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
