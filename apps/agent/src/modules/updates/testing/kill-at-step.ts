/** Counts what a process changes on the disk, and ends it before a chosen change, as a power cut would: nothing after that runs. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { DatabaseSync } from 'node:sqlite';

/** One change, with the paths that it is about. A descriptor stands for the path that it was opened by. */
export interface DiskStep {
  readonly what: string;
  readonly paths: readonly string[];
}

export interface StepRecorder {
  readonly steps: readonly DiskStep[];
  /** From here on steps count; before the one of this number, from 1, the process is killed. 0: never. */
  begin(killAt: number): void;
}

const changing = [
  'openSync',
  'writeSync',
  'writeFileSync',
  'fsyncSync',
  'fchmodSync',
  'chmodSync',
  'linkSync',
  'symlinkSync',
  'renameSync',
  'unlinkSync',
  'rmSync',
  'mkdirSync',
  'copyFileSync',
] as const;

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

export function recordSteps(): StepRecorder {
  const steps: DiskStep[] = [];
  const pathOf = new Map<unknown, string>();
  let killAt: number | undefined;
  const step = (what: string, paths: readonly string[]): void => {
    if (killAt === undefined) return;
    steps.push({ what, paths });
    if (steps.length === killAt) process.kill(process.pid, 'SIGKILL');
  };
  const functions = fs as unknown as Record<string, AnyFunction>;
  for (const name of changing) {
    const original = functions[name] as AnyFunction;
    functions[name] = function (this: unknown, ...args) {
      const isReading = name === 'openSync' && (args[1] === undefined || args[1] === 'r');
      const words = args.slice(0, 2).map((arg) => (typeof arg === 'number' ? pathOf.get(arg) : arg));
      if (!isReading)
        step(
          name,
          words.filter((word) => typeof word === 'string'),
        );
      const result = original.apply(this, args);
      if (name === 'openSync') pathOf.set(result, String(args[0]));
      return result;
    };
  }
  syncBuiltinESMExports();
  const database = DatabaseSync.prototype as unknown as Record<string, AnyFunction>;
  const exec = database['exec'] as AnyFunction;
  database['exec'] = function (this: unknown, ...args) {
    if (args[0] === 'COMMIT') step('COMMIT', []);
    return exec.apply(this, args);
  };
  return {
    steps,
    begin: (at) => {
      killAt = at;
    },
  };
}
