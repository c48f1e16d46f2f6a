/**
 * Components: what is updated on devices (docs/components.md). Gets them from sources that an administrator names, serves them to
 * products on the download channel, and knows how each device is with each of them. Promises that nothing is served that was not
 * verified against the root that an administrator has trusted, that a download which is interrupted leaves what was served whole,
 * and that however many products download, heartbeats and people are answered. Does not decide what is right on a device: that
 * does its agent, by the same signatures.
 */
import { registerErrorStatus } from '../../platform/http/error-status.ts';
import type { Platform } from '../../platform/platform.ts';
import type { DirectoryModule } from '../directory/index.ts';
import type { ComponentReport } from './catalogue.store.ts';
import { ComponentDownloadService, type DownloadPlatform } from './component-downloads.service.ts';
import { createComponentFiles } from './component-files.ts';
import { ComponentSourceService, type SourcePlatform } from './component-sources.service.ts';
import { componentErrorStatus } from './components.errors.ts';
import { componentEvents } from './components.events.ts';
import { registerComponentRoutes } from './components.routes.ts';
import { ComponentService } from './components.service.ts';
import './components.tables.ts';

export type { ComponentReport } from './catalogue.store.ts';

export interface ComponentsDependencies {
  readonly platform: SourcePlatform &
    DownloadPlatform &
    Pick<Platform, 'events' | 'registerRoute' | 'registerMcpFiles'>;
  readonly directory: Pick<DirectoryModule, 'findDevices'>;
  /** Where components are kept; undefined: this server has none. */
  readonly folder: string | undefined;
}

export interface ComponentsModule {
  /**
   * Takes what a product says of all its components.
   *
   * @throws RangeError for what its message should have refused
   */
  recordReports(productNumber: number, reports: readonly ComponentReport[]): Promise<void>;
  /** Ends what is being sent: a stop waits for no reader. */
  endTransfers(): void;
}

/** Paths below it are those of a repository. */
const FILES_PATH = '/mcp/v1/components/*';

export function createComponentsModule({
  platform,
  directory,
  folder,
}: ComponentsDependencies): ComponentsModule {
  registerErrorStatus(componentErrorStatus);
  platform.events.define(componentEvents);
  const components = new ComponentService(platform, directory);
  const sources = new ComponentSourceService(platform);
  const downloads = new ComponentDownloadService(platform, sources, folder);
  registerComponentRoutes(platform.registerRoute, { components, sources, downloads });
  const { clock, log } = platform;
  // A folder that is not there has no files.
  const files = createComponentFiles({ folder: folder ?? '/nonexistent', clock, log });
  platform.registerMcpFiles({ name: 'getComponentFile', path: FILES_PATH }, async (request, response, call) =>
    files.answer(request, response, { path: call.path, caller: String(call.product.productNumber) }),
  );
  return {
    recordReports: async (productNumber, reports) => await components.recordReports(productNumber, reports),
    endTransfers: () => files.stop(),
  };
}
