import type { Job } from '@holdfast/api';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { useTicking } from '../../../shared/time/use-ticking.ts';

export interface JobLengthProps {
  readonly job: Job;
}

/** How long the last attempt took, or takes already. */
export function JobLength({ job }: JobLengthProps) {
  if (job.startedAt === null) return null;
  const beganMs = Date.parse(job.startedAt);
  if (job.state === 'running' || job.state === 'cancelling') return <RunningFor sinceMs={beganMs} />;
  if (job.finishedAt === null) return null;
  return <Length ms={Date.parse(job.finishedAt) - beganMs} />;
}

interface RunningForProps {
  readonly sinceMs: number;
}

function RunningFor({ sinceMs }: RunningForProps) {
  const format = useFormat();
  return useTicking((nowMs) => format.duration(Math.max(0, nowMs - sinceMs)));
}

interface LengthProps {
  readonly ms: number;
}

function Length({ ms }: LengthProps) {
  return useFormat().duration(Math.max(0, ms));
}
