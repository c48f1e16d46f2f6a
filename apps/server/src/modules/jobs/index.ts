/**
 * Background work of the server, for administrators: what runs when, what became of it, and what they can do about it (docs/jobs.md).
 * The work itself is done by the platform, and declared by the modules that it belongs to. Promises that every act of an administrator is
 * in the audit log with it, and shows neither what a job was told nor the text of an error that nobody expected.
 */
import { registerErrorStatus } from '../../platform/http/error-status.ts';
import type { JobRunner } from '../../platform/jobs/job-runner.ts';
import { jobErrorStatus } from '../../platform/jobs/jobs.errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { registerJobRoutes } from './jobs.routes.ts';
import { JobService } from './jobs.service.ts';

export interface JobsDependencies {
  readonly platform: Pick<Platform, 'database' | 'clock' | 'recordAuditEntry' | 'registerRoute'>;
  readonly runner: JobRunner;
}

export function createJobsModule({ platform, runner }: JobsDependencies): void {
  registerErrorStatus(jobErrorStatus);
  registerJobRoutes(platform, new JobService({ platform, runner }));
}
