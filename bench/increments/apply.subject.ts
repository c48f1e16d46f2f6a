// Applies one increment in a process of its own, and says what it took.
import { applyIncrement } from '@holdfast/components/increments';

const [oldFile = '', incrementFile = '', into = '', length = ''] = process.argv.slice(2);
const before = process.cpuUsage();
await applyIncrement({ oldFile, incrementFile, into, expectedLength: Number(length) });
const { user, system } = process.cpuUsage(before);
process.stdout.write(
  JSON.stringify({ seconds: (user + system) / 1e6, memoryMib: process.resourceUsage().maxRSS / 1024 }),
);
