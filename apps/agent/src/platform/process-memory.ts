import { readFileSync } from 'node:fs';

/** Resident memory of a process; `undefined` where the system does not tell. */
export function readResidentBytes(processId: number): number | undefined {
  try {
    const [, kibibytes] =
      /^VmRSS:\s*(\d+) kB$/mu.exec(readFileSync(`/proc/${processId}/status`, 'utf8')) ?? [];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    // Another system, or the process is gone.
    return undefined;
  }
}
