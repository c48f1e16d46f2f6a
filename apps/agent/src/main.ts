import './platform/runtime-flags.ts';
import { fileURLToPath } from 'node:url';
import { guardProgram, systemClock } from '@holdfast/kernel';
import type { CommandContext } from './command-line/command-context.ts';
import type { Output } from './command-line/output.ts';
import { runProgram } from './command-line/program.ts';
import { loadConfig, readConfigSources } from './config.ts';
import { createSystemPowerSwitch } from './modules/shutdown/index.ts';
import { createSignInReader } from './modules/sign-ins/index.ts';
import { createUserMessenger } from './modules/user-messages/index.ts';
import { createRunToEnd } from './platform/program-end.ts';
import { createRunProgram } from './platform/program-output.ts';
import { askSecret } from './platform/secret-prompt.ts';
import { createLog } from './platform/log.ts';

// What this process writes is for its owner alone, whatever the shell it came from said.
process.umask(0o077);

const output: Output = {
  data: (text) => process.stdout.write(text),
  message: (text) => process.stderr.write(text),
};
// Whoever reads our output may leave before we are done; that is no fault of ours.
guardProgram(process);

const ending = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => ending.abort());
// Started with a channel: when the parent dies, the channel closes, and nobody is left to stop us.
if (process.channel !== undefined) {
  process.on('disconnect', () => ending.abort());
  process.channel.unref();
}

/** Programs that say who is signed in, show a message or turn the computer off are quick, or of no use. */
const HELPER_LIMITS = { timeoutMs: 10_000, maxBytes: 262_144, drainMs: 1_000 } as const;

/** A scanner loads all that it has of signatures before it looks at a file: with those of ClamAV that are 1.5 GB and half a minute. */
const LONG_LIMITS = { timeoutMs: 600_000, maxBytes: 4_096, maxMemoryBytes: 4_294_967_296 } as const;

function createContext(): CommandContext {
  const run = createRunProgram(HELPER_LIMITS);
  const signIns = createSignInReader(process.platform, run);
  const config = loadConfig(readConfigSources());
  return {
    config,
    clock: systemClock,
    random: Math.random,
    log: createLog({ clock: systemClock, level: config.logLevel, write: output.message }),
    output,
    standardInput: process.stdin,
    ...(process.stdin.isTTY
      ? { askSecret: async (question: string) => await askSecret(question, ending.signal) }
      : {}),
    signal: ending.signal,
    platform: process.platform,
    // A parent with a channel is `holdfast up`; the first process of a container is started again with it.
    isSupervised: config.isUnderSystemd || process.channel !== undefined || process.pid === 1,
    computer: {
      run,
      runToEnd: createRunToEnd({
        limits: LONG_LIMITS,
        asUnit: config.isUnderSystemd && process.getuid?.() === 0,
      }),
      signIns,
      messenger: createUserMessenger(process.platform, { signIns, run }),
      power: createSystemPowerSwitch(process.platform, run),
    },
    programPath: fileURLToPath(import.meta.url),
    runtimePath: process.execPath,
  };
}

process.exitCode = await runProgram(process.argv.slice(2), output, createContext);
// A half-read standard input or an idle connection must not keep the process.
process.stdin.destroy();
// Nor must what a command of the server has left under way, which the next start deals with, nor a call that a goodbye has given up.
if (process.argv[2] === 'run' || process.argv[2] === 'goodbye') setTimeout(() => process.exit(), 250).unref();
