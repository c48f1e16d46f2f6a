import { existsSync, readFileSync } from 'node:fs';
import type { RunProgram } from '../../platform/program-output.ts';
import type { PowerAction, PowerSwitch } from './power-switch.ts';

type Order = readonly [file: string, args: readonly string[]];

interface PowerSystem {
  readBootId(run: RunProgram): Promise<string | undefined>;
  /** The first that is taken counts. */
  readonly orders: Readonly<Record<PowerAction, readonly Order[]>>;
}

/** Windows and macOS: written against their documentation; not run on those systems yet. */
const systems: Readonly<Partial<Record<NodeJS.Platform, PowerSystem>>> = {
  linux: {
    readBootId: async () => {
      try {
        return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
      } catch {
        // Another kernel or a sandbox: it does not say.
        return undefined;
      }
    },
    orders: {
      restart: [
        ['systemctl', ['reboot']],
        ['shutdown', ['-r', 'now']],
      ],
      'shut-down': [
        ['systemctl', ['poweroff']],
        ['shutdown', ['-h', 'now']],
      ],
    },
  },
  darwin: {
    readBootId: async (run) => await run('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid']),
    orders: {
      restart: [['/sbin/shutdown', ['-r', 'now']]],
      'shut-down': [['/sbin/shutdown', ['-h', 'now']]],
    },
  },
  win32: {
    readBootId: async (run) =>
      await run('powershell.exe', [
        ...['-NoProfile', '-NonInteractive', '-Command'],
        '(Get-CimInstance Win32_OperatingSystem).LastBootUpTime.ToFileTimeUtc()',
      ]),
    orders: {
      restart: [['shutdown.exe', ['/r', '/t', '0']]],
      'shut-down': [['shutdown.exe', ['/s', '/t', '0']]],
    },
  },
};

/** The switch of the computer on which this process runs. Whoever makes one can turn the computer off. */
export function createSystemPowerSwitch(platform: NodeJS.Platform, run: RunProgram): PowerSwitch {
  const system = systems[platform];
  const readBootId = async (): Promise<string | undefined> => {
    const id = (await system?.readBootId(run))?.trim();
    return id === '' ? undefined : id;
  };
  return {
    readBootId,
    findObstacle: async () => {
      // What a container has under systemd of its own starts and stops the container, as its makers want it.
      const isContained = ['/.dockerenv', '/run/.containerenv'].some((path) => existsSync(path));
      if (isContained && !existsSync('/run/systemd/system')) return 'in-container';
      if ((process.getuid?.() ?? 0) !== 0) return 'no-right';
      return (await readBootId()) === undefined ? 'unknown-system' : undefined;
    },
    goDown: async (action) => {
      for (const [file, args] of system?.orders[action] ?? [])
        if ((await run(file, args)) !== undefined) return true;
      return false;
    },
  };
}
