import { AppError, type AppErrorOptions } from '@holdfast/kernel';

export type AuditErrorCode = 'AUDIT_LOG_CHANGED';

/** What is wrong with the audit log. */
export class AuditError extends AppError<AuditErrorCode> {
  readonly code: AuditErrorCode;
  constructor(code: AuditErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

export const auditErrorStatus: Record<AuditErrorCode, number> = { AUDIT_LOG_CHANGED: 500 };

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
