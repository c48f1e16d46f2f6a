import { type LogSeverity, logSeverities } from '@holdfast/api';
import { findPeriod, type Period } from '../../shared/filters/period.ts';

/** What the address says about the log. */
export interface LogsSearch {
  readonly search?: string;
  /** This severity and all that matter more. */
  readonly severity?: LogSeverity;
  readonly type?: string;
  readonly group?: string;
  readonly device?: string;
  readonly period?: Period;
  /** A stretch of time that a link names; RFC 3339. */
  readonly from?: string;
  readonly to?: string;
}

export function parseLogsSearch(search: Record<string, unknown>): LogsSearch {
  const severity = logSeverities.find((value) => value === search['severity']);
  const period = findPeriod(search['period']);
  const { search: words, type, group, device, from, to } = search;
  return {
    ...(typeof words === 'string' && words.trim() !== '' ? { search: words.slice(0, 200) } : {}),
    ...(severity === undefined ? {} : { severity }),
    ...(typeof type === 'string' && /^[a-z][a-z0-9-]{0,63}$/.test(type) ? { type } : {}),
    ...(isId(group) ? { group } : {}),
    ...(isId(device) ? { device } : {}),
    ...(period === undefined ? {} : { period }),
    ...(isInstant(from) ? { from } : {}),
    ...(isInstant(to) ? { to } : {}),
  };
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f-]{36}$/.test(value);
}

function isInstant(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]{8,12}Z$/.test(value) && Date.parse(value) >= 0;
}
