import {
  changeComponentSource,
  createComponentSource,
  getComponent,
  getComponentRates,
  getComponentSchedule,
  listComponentDownloads,
  listComponents,
  listComponentSources,
  listDeviceComponents,
  lookAtComponentSource,
  makeComponentSourceKey,
  removeComponentSource,
  setComponentRates,
  setComponentSchedule,
  startComponentDownload,
  trustComponentSource,
} from '@holdfast/api';
import type { RegisterRoute } from '../../platform/http/route-registrar.ts';
import type { ComponentDownloadService } from './component-downloads.service.ts';
import type { ComponentRateService } from './component-rates.service.ts';
import type { ComponentScheduleService } from './component-schedule.service.ts';
import type { ComponentSourceService } from './component-sources.service.ts';
import type { ComponentService } from './components.service.ts';

export function registerComponentRoutes(
  registerRoute: RegisterRoute,
  {
    components,
    sources,
    downloads,
  }: {
    readonly components: ComponentService;
    readonly sources: ComponentSourceService;
    readonly downloads: ComponentDownloadService;
  },
): void {
  registerRoute(listComponents, async ({ actor }) => await components.list(actor));
  registerRoute(getComponent, async ({ actor, params }) => await components.get(actor, params.componentId));
  registerRoute(listDeviceComponents, async ({ actor, params }) => ({
    components: await components.listOfDevice(actor, params.deviceId),
  }));
  registerRoute(listComponentSources, async ({ actor }) => ({ sources: await sources.list(actor) }));
  registerRoute(createComponentSource, async (it) => await sources.create(it, it.body));
  registerRoute(changeComponentSource, async (it) => await sources.change(it, it.params.sourceId, it.body));
  registerRoute(removeComponentSource, async (it) => {
    await sources.remove(it, it.params.sourceId);
    return null;
  });
  registerRoute(
    lookAtComponentSource,
    async ({ actor, params }) => await sources.look(actor, params.sourceId),
  );
  registerRoute(
    trustComponentSource,
    async (it) => await sources.trust(it, it.params.sourceId, it.body.fingerprint),
  );
  registerRoute(makeComponentSourceKey, async (it) => await sources.makeKey(it, it.params.sourceId));
  registerRoute(listComponentDownloads, async ({ actor }) => ({ downloads: await downloads.list(actor) }));
  registerRoute(startComponentDownload, async (it) => await downloads.start(it));
}

export function registerScheduleRoutes(
  registerRoute: RegisterRoute,
  schedule: ComponentScheduleService,
): void {
  registerRoute(getComponentSchedule, async ({ actor }) => await schedule.get(actor));
  registerRoute(setComponentSchedule, async (it) => await schedule.set(it, it.body));
}

export function registerRateRoutes(registerRoute: RegisterRoute, rates: ComponentRateService): void {
  registerRoute(getComponentRates, async ({ actor }) => await rates.get(actor));
  registerRoute(setComponentRates, async (it) => await rates.set(it, it.body));
}
