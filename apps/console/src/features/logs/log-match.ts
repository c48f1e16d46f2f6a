import { type LiveEvent, logSeverities } from '@holdfast/api';
import type { LogsSearch } from './logs-search.ts';

export type LogsEvent = Extract<LiveEvent, { type: 'logs' }>;

/** Whether new entries that were announced may fit what is shown. What an event does not say is in doubt yes. */
export function mayFit(event: LogsEvent, search: LogsSearch): boolean {
  // A stretch that has ended takes nothing new.
  if (search.to !== undefined) return false;
  if (event.deviceId === null) return true;
  if (search.device !== undefined && search.device !== event.deviceId) return false;
  if (search.severity === undefined) return true;
  return logSeverities.indexOf(event.highestSeverity) >= logSeverities.indexOf(search.severity);
}
