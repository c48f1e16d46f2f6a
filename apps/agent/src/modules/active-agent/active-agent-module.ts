import { networkInterfaces } from 'node:os';
import type { FileSource } from '@holdfast/components/client';
import type { AgentModule, ModuleNeeds } from '../agent-module.ts';
import { createRegistrationStore } from '../registration/index.ts';
import { createActiveAgent, type ActiveAgent, type ComponentUpdates } from './active-agent.service.ts';
import { createLanSettingsStore, lanSettingsMigrations, type LanSettingsStore } from './lan-settings.ts';

/** The server has answered lately: within some heartbeats. */
const REACHED_MS = 15 * 60_000;

type ActiveAgentNeeds = Pick<
  ModuleNeeds,
  'database' | 'clock' | 'log' | 'platform' | 'home' | 'computer' | 'connection' | 'getLoop'
>;

/** What the module needs beside that of every module. */
export interface ActiveAgentParts {
  readonly updates: ComponentUpdates;
  readonly server: FileSource;
  readonly random: () => number;
  /** Handed over when the module is made: what server and commands have to say to it. */
  readonly onReady?: (parts: {
    readonly activeAgent: ActiveAgent;
    readonly settings: LanSettingsStore;
  }) => void;
}

/** Elects an agent of the LAN that fetches for the others, is that agent or fetches from it. */
export function createActiveAgentModule(parts: ActiveAgentParts): AgentModule {
  return {
    name: 'active-agent',
    migrations: lanSettingsMigrations,
    create: ({ database, clock, log, platform, home, computer, connection, getLoop }: ActiveAgentNeeds) => {
      const settings = createLanSettingsStore(database);
      const activeAgent = createActiveAgent({
        productNumber: createRegistrationStore(database).find()?.product.productNumber ?? 0,
        settings,
        updates: parts.updates,
        server: parts.server,
        isServerReached: () => {
          const { lastContactAt } = connection.current;
          return lastContactAt !== undefined && clock.now() - lastContactAt < REACHED_MS;
        },
        home,
        platform,
        run: computer.run,
        findInterfaces: networkInterfaces,
        clock,
        random: parts.random,
        log,
      });
      parts.onReady?.({ activeAgent, settings });
      let forget = (): void => undefined;
      return {
        start: () => {
          activeAgent.start();
          forget = getLoop().listen((event) => {
            if (event.type !== 'heartbeat-acknowledged') return;
            // 0, or nothing from an older server: it says nothing of components.
            const { catalogueVersion = 0 } = event;
            if (catalogueVersion > 0) activeAgent.noteServerWord(catalogueVersion, 0);
          });
        },
        stop: async () => {
          forget();
          await activeAgent.stop();
        },
      };
    },
  };
}
