/**
 * Reading the audit log of administrators, and proving that it is whole. Entries are written by the platform, inside
 * the transaction of the change that they are about. Promises that who may read in groups sees only entries of those
 * groups, and that an entry can be read as soon as its change is committed.
 */
import { registerErrorStatus } from '../../platform/http/error-status.ts';
import { parseNoPayload } from '../../platform/jobs/jobs.ts';
import type { Platform } from '../../platform/platform.ts';
import { auditErrorStatus, createChangedError } from './audit.errors.ts';
import { registerAuditRoutes } from './audit.routes.ts';
import { AuditService, type ChainVerdict } from './audit.service.ts';

export type { ChainVerdict } from './audit.service.ts';

export interface AuditDependencies {
  readonly platform: Pick<Platform, 'database' | 'chainAuditEntries' | 'log' | 'jobs' | 'registerRoute'>;
}

export interface AuditModule {
  verifyChain(): Promise<ChainVerdict>;
}

export function createAuditModule({ platform }: AuditDependencies): AuditModule {
  const service = new AuditService({ platform });
  registerErrorStatus(auditErrorStatus);
  registerAuditRoutes(platform, service);
  platform.jobs.register({
    kind: 'audit.verify',
    title: 'Prove that the audit log is whole',
    description:
      'Follows the chain of the audit log from its first entry. It is given up where an entry was changed, removed, added or moved behind the server.',
    schedule: { cron: '23 3 * * *' },
    parsePayload: parseNoPayload,
    async run({ signal, reportProgress }) {
      const { brokenSequence, verifiedCount } = await service.verifyChain((done) => {
        signal.throwIfAborted();
        reportProgress({ done });
      });
      if (brokenSequence !== undefined) {
        platform.log.error({ sequence: brokenSequence }, 'the audit log was changed behind the server');
        throw createChangedError(brokenSequence);
      }
      platform.log.info({ entries: verifiedCount }, 'the audit log is whole');
      return { 'entries verified': verifiedCount };
    },
  });
  return { verifyChain: async () => await service.verifyChain() };
}
