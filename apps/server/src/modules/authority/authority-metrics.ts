import { Gauge, type Registry } from 'prom-client';
import type { Platform } from '../../platform/platform.ts';

/** Times of the two certificates whose end ends everything. */
export function registerAuthorityMetrics(
  registry: Registry,
  { keys, server }: Pick<Platform, 'keys' | 'server'>,
): void {
  const add = (name: string, help: string, readMs: () => number): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(readMs() / 1_000);
      },
    });
  };
  add(
    'holdfast_authority_end_timestamp_seconds',
    'When the authority that devices trust ends',
    () => keys.authorities.current.endsAtMs,
  );
  add(
    'holdfast_certificate_end_timestamp_seconds',
    'When the certificate of the server ends',
    server.certificateExpiresAtMs,
  );
}
