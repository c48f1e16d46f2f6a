import { setFlagsFromString } from 'node:v8';

// The agent idles nearly all the time. Its code optimised for speed, and the compilers that do it, would cost about 7 MB of
// resident memory and win nothing. main.ts imports this file before everything else, because loading the other
// modules is what first wakes the compilers.
setFlagsFromString('--no-opt');
setFlagsFromString('--no-maglev');
