import { type AuditEntry, auditActorKinds } from '@holdfast/api';

export const auditPeriods = ['hour', 'day', 'week', 'month'] as const;
export type AuditPeriod = (typeof auditPeriods)[number];

export const periodMs: Readonly<Record<AuditPeriod, number>> = {
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
  month: 30 * 86_400_000,
};

/** What the address says about the audit log. */
export interface AuditSearch {
  readonly search?: string;
  readonly action?: string;
  readonly object?: string;
  readonly period?: AuditPeriod;
  /** Kind of who did it. */
  readonly actor?: AuditEntry['actorKind'];
  /** Whole name of who did it. */
  readonly by?: string;
}

export function parseAuditSearch(search: Record<string, unknown>): AuditSearch {
  const { search: words, action, object, by } = search;
  const actor = auditActorKinds.find((value) => value === search['actor']);
  const period = auditPeriods.find((value) => value === search['period']);
  return {
    ...(typeof words === 'string' && words.trim() !== '' ? { search: words.slice(0, 200) } : {}),
    ...(typeof action === 'string' && /^[a-z0-9.-]{1,64}$/.test(action) ? { action } : {}),
    ...(typeof object === 'string' && /^[\w.-]{1,64}$/.test(object) ? { object } : {}),
    ...(period === undefined ? {} : { period }),
    ...(actor === undefined ? {} : { actor }),
    ...(typeof by === 'string' && by !== '' ? { by: by.slice(0, 256) } : {}),
  };
}
