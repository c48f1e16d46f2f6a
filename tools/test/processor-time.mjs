import { readFileSync } from 'node:fs';

/** Length of the units of /proc: 100 in a second on every Linux. */
const TICK_MS = 10;

/** What the children of this process have worked that have ended, with theirs. Only Linux tells. */
function readChildrenMs() {
  if (process.platform !== 'linux') return 0;
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}

/** How long processors have worked for this process and for the processes that it started and has seen end, in milliseconds. */
export function readProcessorMs() {
  const { user, system } = process.cpuUsage();
  return Math.round((user + system) / 1000) + readChildrenMs();
}
