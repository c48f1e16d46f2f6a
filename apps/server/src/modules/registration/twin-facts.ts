import type { AuditRecord } from '../../platform/audit/audit.ts';

/** What an audit entry says of the record that shows the same hardware: it may lie where a reader of the entry may not look. */
export function describeTwin(twinId: string | null): Pick<AuditRecord, 'elsewhere'> {
  if (twinId === null) return {};
  return { elsewhere: [{ about: { kind: 'device', id: twinId }, facts: { sameHardwareAs: twinId } }] };
}
