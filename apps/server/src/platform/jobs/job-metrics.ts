import { Counter, Gauge, type Registry } from 'prom-client';

export interface JobMetrics {
  countEnd(kind: string, outcome: string): void;
}

/** @param overdue as it was read last: a scrape waits for no database */
export function registerJobMetrics(
  registry: Registry,
  overdue: () => { readonly count: number; readonly oldestSeconds: number },
): JobMetrics {
  const ends = new Counter({
    name: 'holdfast_jobs_total',
    help: 'Attempts at jobs by kind and how they ended; failed ones are tried again, dead ones were given up',
    labelNames: ['kind', 'outcome'] as const,
    registers: [registry],
  });
  new Gauge({
    name: 'holdfast_jobs_waiting',
    help: 'Jobs that are due and have not begun',
    registers: [registry],
    collect() {
      this.set(overdue().count);
    },
  });
  new Gauge({
    name: 'holdfast_jobs_oldest_waiting_seconds',
    help: 'For how long the job has been due that waits longest',
    registers: [registry],
    collect() {
      this.set(overdue().oldestSeconds);
    },
  });
  return { countEnd: (kind, outcome) => ends.inc({ kind, outcome }) };
}
