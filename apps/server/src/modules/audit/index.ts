/**
 * Reading the audit log of administrators, and proving that it is whole. Entries are written by the platform, inside
 * the transaction of the change that they are about. Promises that who may read in groups sees only entries of those
 * groups. It does not promise that nobody cut off the newest entries: see `verifyChain`.
 */
import type { Platform } from '../../platform/platform.ts';
import { registerAuditRoutes } from './audit.routes.ts';
import { AuditService, type ChainVerdict } from './audit.service.ts';

export type { ChainVerdict } from './audit.service.ts';

export type AuditDependencies = Pick<Platform, 'database' | 'log' | 'jobs' | 'registerRoute'>;

export interface AuditModule {
  verifyChain(): Promise<ChainVerdict>;
}

const VERIFY_INTERVAL_MS = 86_400_000;

export function createAuditModule(platform: AuditDependencies): AuditModule {
  const service = new AuditService(platform.database);
  registerAuditRoutes(platform, service);
  platform.jobs.every('audit.verify', VERIFY_INTERVAL_MS, async () => {
    const { brokenSequence, verifiedCount } = await service.verifyChain();
    if (brokenSequence === undefined) platform.log.info({ entries: verifiedCount }, 'the audit log is whole');
    else platform.log.error({ sequence: brokenSequence }, 'the audit log was changed behind the server');
  });
  return { verifyChain: async () => await service.verifyChain() };
}
