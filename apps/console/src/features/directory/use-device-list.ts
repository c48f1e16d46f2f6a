import {
  type DeviceFilter,
  type DeviceSummary,
  getDevice,
  type LiveEvent,
  type Presence,
} from '@holdfast/api';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useApi } from '../../shared/api/services.ts';
import { useLiveEvents } from '../../shared/live/use-live-events.ts';
import { useChangedRows } from '../../shared/table/use-changed-rows.ts';
import { type DeviceOrder, deviceListKey, deviceListQuery, listDevicePage } from './api/device-list-query.ts';
import { summaryKey } from './api/summary-query.ts';
import {
  changedStates,
  type DevicePages,
  devicesOf,
  dropDevices,
  pagesInView,
  patchPresence,
  replaceDevices,
} from './device-pages.ts';

const refreshMs = 15_000;
const summaryPauseMs = 1_500;
/** More changed devices than this at once are cheaper to ask for as a list. */
const maxSingleFetches = 20;

/** The device list, page by page, following the server. */
export function useDeviceList(filter: DeviceFilter, order: DeviceOrder) {
  const api = useApi();
  const queryClient = useQueryClient();
  const query = useInfiniteQuery(deviceListQuery(api, filter, order));
  const { changedIds, mark } = useChangedRows();
  const [newIds, setNewIds] = useState<ReadonlySet<string>>(new Set());
  const view = useRef({ first: 0, last: 0 });
  const summaryTimer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const key = deviceListKey(filter, order);
  const keyText = JSON.stringify(key);

  const [newFor, setNewFor] = useState(keyText);
  if (newFor !== keyText) {
    setNewFor(keyText);
    setNewIds(new Set());
  }

  const update = (change: (pages: DevicePages) => DevicePages): void => {
    const before = queryClient.getQueryData<DevicePages>(key);
    if (before === undefined) return;
    const next = change(before);
    if (next === before) return;
    queryClient.setQueryData<DevicePages>(key, next);
    mark(changedStates(before, next));
  };

  const refreshSummary = (): void => {
    summaryTimer.current ??= setTimeout(() => {
      summaryTimer.current = undefined;
      void queryClient.invalidateQueries({ queryKey: [summaryKey] });
    }, summaryPauseMs);
  };

  const fetchChanged = async (ids: readonly string[]): Promise<void> => {
    const loaded = new Map(
      devicesOf(queryClient.getQueryData<DevicePages>(key)).map((device) => [device.id, device]),
    );
    const wanted = ids.filter((id) => loaded.has(id));
    if (wanted.length > maxSingleFetches) {
      await queryClient.invalidateQueries({ queryKey: key });
      return;
    }
    const answers = await Promise.allSettled(
      wanted.map(async (deviceId) => (await api.call(getDevice, { params: { deviceId } })).device),
    );
    const devices = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    const hasMoved = devices.some((device) => loaded.get(device.id)?.groupId !== device.groupId);
    update((pages) => replaceDevices(pages, devices));
    mark(devices.map((device) => device.id));
    if (hasMoved) await queryClient.invalidateQueries({ queryKey: key });
  };

  useLiveEvents((events) => {
    const { presences, created, changed, removed } = sortEvents(events);
    if (presences.size > 0) {
      update((pages) => patchPresence(pages, presences));
      refreshSummary();
    }
    if (removed.size > 0) update((pages) => dropDevices(pages, removed));
    if (changed.size > 0) void fetchChanged([...changed]);
    if (created.size > 0) setNewIds((before) => new Set([...before, ...created]));
    if (created.size + removed.size > 0) refreshSummary();
  });

  /** Signs of life are not told one by one, so the rows in view are asked for again now and then. */
  const refreshView = useEffectEvent(async () => {
    const pages = queryClient.getQueryData<DevicePages>(key);
    if (pages === undefined || document.hidden || query.isFetching) return;
    const indexes = pagesInView(pages, view.current.first, view.current.last);
    const answers = await Promise.allSettled(
      indexes.map((index) => {
        const cursor = pages.pageParams[index];
        return listDevicePage(api, filter, order, typeof cursor === 'string' ? cursor : null);
      }),
    );
    const devices: DeviceSummary[] = answers.flatMap((answer) =>
      answer.status === 'fulfilled' ? answer.value.devices : [],
    );
    update((current) => replaceDevices(current, devices));
  });
  useEffect(() => {
    const timer = setInterval(() => void refreshView(), refreshMs);
    return () => {
      clearInterval(timer);
      clearTimeout(summaryTimer.current);
      summaryTimer.current = undefined;
    };
  }, []);

  const devices = devicesOf(query.data);
  const unseenCount = [...newIds].filter((id) => !devices.some((device) => device.id === id)).length;
  return {
    query,
    devices,
    count: query.data?.pages[0]?.count,
    changedIds,
    newCount: unseenCount,
    showNew: () => {
      setNewIds(new Set());
      void queryClient.invalidateQueries({ queryKey: key });
    },
    onVisible: (first: number, last: number) => {
      view.current = { first, last };
    },
  };
}

function sortEvents(events: readonly LiveEvent[]) {
  const presences = new Map<string, Presence>();
  const created = new Set<string>();
  const changed = new Set<string>();
  const removed = new Set<string>();
  const byChange = { created, changed, removed };
  for (const event of events) {
    if (event.type === 'presence') presences.set(event.deviceId, event.presence);
    if (event.type === 'device') byChange[event.change].add(event.deviceId);
  }
  for (const id of removed) {
    created.delete(id);
    changed.delete(id);
  }
  return { presences, created, changed, removed };
}
