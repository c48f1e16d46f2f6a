// Makes or applies an increment in a process of its own, and says how much memory that took beyond the start: bytes.
import { applyIncrement } from './apply-increment.ts';
import { makeIncrement } from './make-increment.ts';

const [act, oldFile = '', other = '', into = '', number = '0'] = process.argv.slice(2);
const before = process.resourceUsage().maxRSS;
if (act === 'make') await makeIncrement({ oldFile, newFile: other, into, memoryBound: Number(number) });
else await applyIncrement({ oldFile, incrementFile: other, into, expectedLength: Number(number) });
process.stdout.write(String((process.resourceUsage().maxRSS - before) * 1024));
