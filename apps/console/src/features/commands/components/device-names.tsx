import { useQueries } from '@tanstack/react-query';
import { useApi } from '../../../shared/api/services.ts';
import { deviceQuery } from '../../../shared/devices/device-query.ts';
import classes from './issue-command-dialog.module.css';

const namedCount = 3;

export interface DeviceNamesProps {
  readonly deviceIds: readonly string[];
}

/** Names of a few devices, as long as they fit into one sentence. */
export function DeviceNames({ deviceIds }: DeviceNamesProps) {
  const api = useApi();
  const shown = deviceIds.length > namedCount ? [] : deviceIds;
  const names = useQueries({ queries: shown.map((deviceId) => deviceQuery(api, deviceId)) }).flatMap(
    ({ data }) => (data === undefined ? [] : [data.device.name]),
  );
  return names.length < deviceIds.length ? null : <p className={classes.given}>{names.join(', ')}</p>;
}
