import { setFlagsFromString } from 'node:v8';

// The agent idles nearly all the time. Its code optimised for speed, and the compilers that do it, would cost about 10 MB of
// resident memory and win nothing. main.ts imports this file before everything else, because loading the other
// modules is what first wakes the compilers. Who starts the bundle adds --jitless, which can only be given at the start and
// saves another 2 MB: then no machine code is made at all.
for (const flag of ['--no-opt', '--no-maglev', '--no-sparkplug', '--optimize-for-size']) {
  setFlagsFromString(flag);
}
