/**
 * Components: what is updated on devices (docs/components.md). Gets them from sources that an administrator names, serves them to
 * products on the download channel, and knows how each device is with each of them. Promises that nothing is served that was not
 * verified against the root that an administrator has trusted, that a download which is interrupted leaves what was served whole,
 * and that however many products download, heartbeats and people are answered. Does not decide what is right on a device: that
 * does its agent, by the same signatures.
 */
import {
  ComponentStatesAnswerSchema,
  ComponentStatesRequestSchema,
  limits,
  mcpPath,
} from '@holdfast/protocol';
import { registerErrorStatus } from '../../platform/http/error-status.ts';
import type { Platform } from '../../platform/platform.ts';
import type { DirectoryModule } from '../directory/index.ts';
import type { LanModule } from '../lan/index.ts';
import { ComponentDownloadService, type DownloadPlatform } from './component-downloads.service.ts';
import { ComponentDeploymentService, type DeploymentPlatform } from './component-deployment.service.ts';
import { createComponentFiles } from './component-files.ts';
import { ComponentPlanService } from './component-plans.service.ts';
import { ComponentRateService } from './component-rates.service.ts';
import { ComponentScheduleService } from './component-schedule.service.ts';
import { ComponentSourceService, type SourcePlatform } from './component-sources.service.ts';
import { componentErrorStatus } from './components.errors.ts';
import { componentEvents } from './components.events.ts';
import { registerComponentRoutes, registerRateRoutes, registerScheduleRoutes } from './components.routes.ts';
import { ComponentService } from './components.service.ts';
import './components.tables.ts';
import { registerDeploymentRoutes } from './deployment.routes.ts';
import './deployment.tables.ts';
import { readCatalogueVersion } from './sources.store.ts';

export interface ComponentsDependencies {
  readonly platform: SourcePlatform &
    DownloadPlatform &
    DeploymentPlatform &
    Pick<Platform, 'events' | 'ticks' | 'registerRoute' | 'registerMcpRoute' | 'registerMcpFiles'>;
  readonly directory: Pick<DirectoryModule, 'findDevices' | 'findGroup'>;
  /** What products are told about their LANs with each answer. */
  readonly lan: LanModule;
  /** Where components are kept; undefined: this server has none. */
  readonly folder: string | undefined;
}

export interface ComponentsModule {
  /** Begins the work in the background. */
  start(): Promise<void>;
  /** Version of the newest snapshot metadata that are served; 0 where there are none. */
  catalogueVersion(): number;
  /** Ends what is being sent: a stop waits for no reader. */
  endTransfers(): void;
}

/** Delays of a plan are minutes. */
const ROLLOUT_INTERVAL_MS = 20_000;
const SCHEDULE_INTERVAL_MS = 30_000;
const RATES_INTERVAL_MS = 60_000;

export function createComponentsModule({
  platform,
  directory,
  lan,
  folder,
}: ComponentsDependencies): ComponentsModule {
  registerErrorStatus(componentErrorStatus);
  platform.events.define(componentEvents);
  const components = new ComponentService({ platform, directory });
  const sources = new ComponentSourceService({ platform });
  const deployment = new ComponentDeploymentService({ platform });
  const downloads = new ComponentDownloadService({ platform, sources, deployment, folder });
  const plans = new ComponentPlanService({ platform, directory });
  registerComponentRoutes(platform.registerRoute, { components, sources, downloads });
  const rates = new ComponentRateService({ platform });
  registerRateRoutes(platform.registerRoute, rates);
  const schedule = new ComponentScheduleService({ platform, downloads });
  registerScheduleRoutes(platform.registerRoute, schedule);
  registerDeploymentRoutes(platform.registerRoute, { plans, deployment });
  platform.registerMcpRoute(
    {
      name: 'replaceComponentStates',
      method: 'PUT',
      path: mcpPath.componentStates,
      access: 'product',
      requestClass: 'components',
      bodyLimit: limits.maxComponentStatesBodyBytes,
      body: ComponentStatesRequestSchema,
      response: ComponentStatesAnswerSchema,
    },
    async ({ product, body }) => {
      const { productNumber } = product;
      await components.recordReports(productNumber, body.components);
      await lan.record(productNumber, body.lan);
      const terms = await lan.termsOf(productNumber);
      return {
        ceilings: await deployment.listCeilings(productNumber),
        ...(terms === undefined ? {} : { lan: terms }),
      };
    },
  );
  const { clock, log } = platform;
  // A folder that is not there has no files.
  const files = createComponentFiles({
    folder: folder ?? '/nonexistent',
    rates: () => rates.current,
    clock,
    log,
  });
  platform.registerMcpFiles(
    { name: 'getComponentFile', path: `${mcpPath.components}/*` },
    async (request, response, call) =>
      files.answer(request, response, { path: call.path, caller: String(call.product.productNumber) }),
  );
  let catalogueVersion = 0;
  const readVersion = async (): Promise<void> => {
    catalogueVersion = await readCatalogueVersion(platform.database);
  };
  platform.events.follow(['component-download.ended'], readVersion);
  return {
    catalogueVersion: () => catalogueVersion,
    async start() {
      await readVersion();
      await rates.read();
      platform.ticks.every('components.rates', RATES_INTERVAL_MS, async () => await rates.read());
      platform.ticks.every(
        'components.rollouts',
        ROLLOUT_INTERVAL_MS,
        async () => await deployment.proceed(),
      );
      platform.ticks.every('components.schedule', SCHEDULE_INTERVAL_MS, async () => await schedule.proceed());
    },
    endTransfers: () => files.stop(),
  };
}
