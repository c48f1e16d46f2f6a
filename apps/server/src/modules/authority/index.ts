/**
 * The time of the certificate authority that devices trust: it is looked at at each start and each day, renewed before its end with the
 * fleet following (docs/certificates.md), and people are told long before it ends. Promises that a next authority takes over only when
 * every product in use knows it, or when the present one is about to end. Signs nothing itself; the keys are the platform's.
 */
import { registerErrorStatus } from '../../platform/http/error-status.ts';
import { parseNoPayload } from '../../platform/jobs/jobs.ts';
import { keysErrorStatus } from '../../platform/keys/keys.errors.ts';
import { authorityEvents } from './authority.events.ts';
import { registerAuthorityMetrics } from './authority-metrics.ts';
import { type AuthorityParts, AuthorityService, type AuthorityView } from './authority.service.ts';

export interface AuthorityModule {
  /** How the authority stands now, for people. */
  describe(): Promise<AuthorityView>;
  /** Called once, before the server listens. */
  start(): Promise<void>;
}

export function createAuthorityModule({ platform, ...parts }: AuthorityParts): AuthorityModule {
  registerErrorStatus(keysErrorStatus);
  platform.events.define(authorityEvents);
  const service = new AuthorityService({ platform, ...parts });
  registerAuthorityMetrics(platform.metrics, platform);
  platform.jobs.register({
    kind: 'authority.check',
    title: 'Look at the time of the authority',
    description:
      'Makes the next authority long before the end of the present one, and has it take over when every device knows it. When it fails, the present one goes on until it ends, and then no device reaches the server.',
    schedule: { cron: '21 4 * * *' },
    parsePayload: parseNoPayload,
    run: async () => await service.check(),
  });
  return { describe: async () => await service.describe(), start: async () => await service.start() };
}
