/** Switches one component to release 2, and is killed before the step whose number it is given. */
import { readFileSync } from 'node:fs';
import { recordSteps } from './kill-at-step.ts';
import { openBench } from './component-bench.ts';
import { describeComponent, noSignal } from '../../../testing/test-component.ts';

const [, , home = '', handler = '', archive = '', killAt = '0', fault = ''] = process.argv;
const recorder = recordSteps();
let reloads = 0;
const bench = openBench({
  home,
  runningRelease: 0,
  runToEnd: async (_, args) => {
    // The new program of the agent, which is tried.
    if (args.includes('version')) return { status: 0, output: '1.0.2\n' };
    if (args.includes('status')) return { status: 0, output: '{"isEnrolled":true}' };
    // A program that does not take up the new release, and does the former one.
    return { status: fault === 'reload-fails' && reloads++ === 0 ? 1 : 0, output: '' };
  },
});
bench.stage(describeComponent('thing', handler), 2, readFileSync(archive));
recorder.begin(Number(killAt));
const end = await bench.components.switchStaged('thing', noSignal);
process.stdout.write(JSON.stringify({ end, steps: recorder.steps }));
bench.close();
