import { AppError } from '@holdfast/kernel';

export const auditErrorStatus = { AUDIT_LOG_CHANGED: 500 } as const;

export type AuditErrorCode = keyof typeof auditErrorStatus;

/** What is wrong with the audit log. */
export class AuditError extends AppError<AuditErrorCode> {}

export function createChangedError(sequence: number): AuditError {
  return new AuditError(
    'AUDIT_LOG_CHANGED',
    `The audit log was changed behind the server: entry ${sequence} does not follow from the one before it.`,
    {
      facts: { sequence },
      remedy: 'Compare it with a backup, and find out who could write to the database.',
    },
  );
}
