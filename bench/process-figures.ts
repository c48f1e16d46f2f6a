import { readFile } from 'node:fs/promises';

/** Clock ticks per second of /proc/PID/stat; 100 on every Linux that Node supports. */
const ticksPerSecond = 100;

/** Resident memory in bytes (VmRSS of /proc/PID/status). */
export async function readResidentBytes(pid: number): Promise<number> {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1]) * 1024;
}

/** Its share of the memory that it is resident with, where processes share pages, in bytes (Pss of /proc/PID/smaps_rollup). */
export async function readShareOfBytes(pid: number): Promise<number> {
  const match = /^Pss:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8'));
  return Number(match?.[1]) * 1024;
}

/** What the process has had written to disk, in bytes (write_bytes of /proc/PID/io). */
export async function readWrittenBytes(pid: number): Promise<number> {
  const match = /^write_bytes: (\d+)$/m.exec(await readFile(`/proc/${pid}/io`, 'utf8'));
  return Number(match?.[1]);
}

/** User and system time since the start of the process, in milliseconds (fields 14 and 15 of /proc/PID/stat). */
export async function readCpuMs(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name in the second field may hold blanks; the fields behind it do not.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1000;
}

/** How many files this process, and those that it starts, may have open: the soft limit, which the runtime raises to the hard one. */
export async function readMaxOpenFiles(): Promise<number> {
  const match = /^Max open files\s+(\d+)/m.exec(await readFile('/proc/self/limits', 'utf8'));
  return Number(match?.[1]);
}

/** The most memory that the process was ever resident with, in bytes (VmHWM of /proc/PID/status). */
export async function readMemoryPeakBytes(pid: number): Promise<number> {
  const match = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1]) * 1024;
}
