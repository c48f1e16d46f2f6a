import { appendFileSync, closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '@holdfast/kernel';
import { agentModules } from '../agent-modules.ts';
import { runAgent } from '../command-line/run-command.ts';
import { loadConfig } from '../config.ts';
import { type CommandHandler, stopped } from '../modules/commands/index.ts';
import { createLog } from '../platform/log.ts';
import { wait } from '../platform/timers.ts';
import { createFakeComputer } from './fake-computer.ts';
import { defineTestCommand } from './test-command.ts';

// The agent as a process, with more commands: three whose effects can be counted, one of them in steps, and one that goes on over
// any number of starts and never ends. Tests kill it at random moments. Their names begin as those that a server passes on without knowing them.

const effects = process.env['EFFECTS'] ?? '';

/** Takes a moment before and after the effect, so that a kill can fall on either side of it. */
async function around(effect: () => void): Promise<void> {
  await pause(Math.random() * 80);
  effect();
  await pause(Math.random() * 80);
}

const handlers: readonly CommandHandler[] = [
  {
    definition: defineTestCommand('x-append'),
    onRestart: 'fail',
    run: async ({ commandId }) => {
      await around(() => appendFileSync(join(effects, 'appended'), `${commandId}\n`));
      return { detail: 'Appended.' };
    },
  },
  {
    definition: defineTestCommand('x-create'),
    onRestart: 'repeat',
    run: async ({ commandId }) => {
      await around(() => closeSync(openSync(join(effects, commandId), 'a')));
      return { detail: 'Created.' };
    },
  },
  {
    definition: defineTestCommand('x-steps', 'disk'),
    onRestart: 'resume',
    run: async ({ commandId, resumed, signal, reportProgress, save }) => {
      for (let step = Number(resumed?.saved?.['next'] ?? 0); step < 4; step++) {
        if (signal.aborted) throw stopped(signal, `${step} of 4 steps were done.`);
        await wait(Math.random() * 40, signal);
        save({ next: step + 1 });
        appendFileSync(join(effects, 'steps'), `${commandId} ${step}\n`);
        reportProgress({ percent: 25 * step, text: `Step ${step}` });
      }
      return { detail: 'All steps were done.' };
    },
  },
  {
    definition: defineTestCommand('x-linger', 'disk'),
    onRestart: 'resume',
    run: async ({ commandId, resumed, reportProgress, save }) => {
      const starts = Number(resumed?.saved?.['starts'] ?? 0) + 1;
      save({ starts });
      reportProgress({ percent: 40, text: 'Lingering' });
      appendFileSync(join(effects, 'lingered'), `${commandId} ${starts}\n`);
      return await new Promise(() => undefined);
    },
  },
];

const computer = createFakeComputer();
const ending = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => ending.abort());
const config = loadConfig({ env: process.env, isRoot: false, homeFolder: '/nowhere' });
const write = (text: string) => void process.stderr.write(text);
await runAgent(
  {
    config,
    clock: systemClock,
    random: Math.random,
    log: createLog({ clock: systemClock, level: 'info', write }),
    output: { data: write, message: write },
    standardInput: process.stdin,
    signal: ending.signal,
    platform: process.platform,
    isSupervised: false,
    computer,
    programPath: '',
    runtimePath: '',
  },
  [...agentModules, { name: 'counting', create: () => ({ commands: handlers }) }],
);
process.stdin.destroy();
