import { Readable } from 'node:stream';
import {
  exportDevices,
  getDevice,
  listDevices,
  listDeviceValues,
  moveDevices,
  planDeviceAdmission,
  planDeviceMove,
  planDeviceRemoval,
  removeDevice,
  removeDevices,
  renameDevice,
  setDeviceAdmission,
  setDeviceFields,
  setProductState,
} from '@holdfast/api';
import type { RegisterRoute } from '../../platform/http/route-registrar.ts';
import { encodeExport, exportMediaTypes } from './device-export.ts';
import type { DeviceListQuery, DeviceListService } from './device-list.service.ts';
import type { DeviceChangeService } from './device-changes.service.ts';
import type { DeviceService } from './devices.service.ts';
import type { DirectorySummaryService } from './directory-summary.service.ts';

export function registerDeviceRoutes(
  registerRoute: RegisterRoute,
  services: {
    readonly list: DeviceListService;
    readonly devices: DeviceService;
    readonly changes: DeviceChangeService;
    readonly summary: DirectorySummaryService;
  },
): void {
  const { list, devices, changes, summary } = services;
  registerRoute(
    listDevices,
    // The schema has checked the words of sort and order.
    async ({ actor, query }) => await list.listDevices(actor, query as DeviceListQuery),
  );
  registerRoute(listDeviceValues, async ({ actor, query }) => ({
    values: await summary.listValues(actor, query),
  }));
  registerRoute(exportDevices, async ({ actor, query, reply }) => {
    const { format, ...filter } = query;
    const kind = format === 'csv' ? 'csv' : 'json';
    // Asked before the first byte goes out, so that a refusal is a problem answer and not half a file.
    const pages = list.streamDevices(actor, filter);
    const first = await pages.next();
    reply.header('content-type', exportMediaTypes[kind]);
    reply.header('content-disposition', `attachment; filename="devices.${kind === 'csv' ? 'csv' : 'jsonl'}"`);
    return Readable.from(
      encodeExport(
        kind,
        (async function* all() {
          if (first.done !== true) yield first.value;
          yield* pages;
        })(),
      ),
    );
  });
  registerRoute(getDevice, async ({ actor, params }) => await devices.getDevice(actor, params.deviceId));
  registerRoute(renameDevice, async (it) => devices.renameDevice(it, it.params.deviceId, it.body.name));
  registerRoute(setDeviceFields, async (it) => devices.setFields(it, it.params.deviceId, it.body));
  registerRoute(planDeviceMove, async ({ actor, body }) => await devices.planMove(actor, body));
  registerRoute(moveDevices, async (it) => ({ movedCount: await devices.moveDevices(it, it.body) }));
  registerRoute(removeDevice, async (it) => await changes.removeDevice(it, it.params.deviceId));
  registerRoute(planDeviceRemoval, async ({ actor, body }) => await changes.planRemoval(actor, body));
  registerRoute(removeDevices, async (it) => ({ items: await changes.removeDevices(it, it.body) }));
  registerRoute(planDeviceAdmission, async ({ actor, body }) => await changes.planAdmission(actor, body));
  registerRoute(setDeviceAdmission, async (it) => ({
    changedIds: [...(await changes.setAdmission(it, it.body))],
  }));
  registerRoute(setProductState, async (it) => {
    await devices.setProductState(it, it.params.productNumber, it.body.state as 'active' | 'disabled');
    return null;
  });
}
