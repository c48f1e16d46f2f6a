import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  openSync,
  closeSync,
  fsyncSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { RunProgram } from '../../platform/program-output.ts';
import { assertSafeWay } from './safe-way.ts';
import { ServiceError } from './service.errors.ts';
import { type ServicePlaces, serviceName } from './service-plan.ts';
import { formatStartProgram } from './start-program.ts';
import { formatSystemdUnit } from './systemd-unit.ts';

export interface ServiceOptions {
  readonly places: ServicePlaces;
  readonly isRoot: boolean;
  /** True when systemd is the init system that runs now. */
  readonly isSystemdRunning: boolean;
  readonly run: RunProgram;
}

export interface InstallationOptions extends ServiceOptions {
  /** It belongs to a server, or has a token to join one with. */
  readonly canRun: boolean;
  /** False: the files alone, which needs neither root nor systemd. */
  readonly withService: boolean;
  readonly home: string;
  /** Runtime and bundle to copy. */
  readonly runtimePath: string;
  readonly programPath: string;
}

/** True when systemd runs this computer, as sd_booted(3) finds it out. */
export function isSystemdRunning(): boolean {
  return existsSync('/run/systemd/system');
}

/**
 * Copies runtime and program to their place, writes the program that starts them and the unit, enables and starts it. May be
 * repeated: a running service goes on with the new files.
 *
 * @throws ServiceError
 */
export async function installService(options: InstallationOptions): Promise<void> {
  const { places, home, withService } = options;
  if (withService) assertPossible(options);
  if (!options.programPath.endsWith('.mjs')) {
    throw new ServiceError('SERVICE_NEEDS_RELEASE', 'A service is installed from the bundled agent.', {
      remedy: 'Run `holdfast agent install`, which builds the bundle first.',
    });
  }
  if (!options.canRun && withService) {
    throw new ServiceError('SERVICE_NEEDS_ENROLMENT', `There is no registration in ${home}.`, {
      remedy:
        'Run `holdfast agent enroll` with a token first, as the same user and with the same HOLDFAST_AGENT_HOME.',
    });
  }
  const startProgram = formatStartProgram({ ...places, home });
  const unit = formatSystemdUnit({ ...places, home });
  if (options.isRoot) assertSafeWay(places.folder);
  mkdirSync(places.folder, { recursive: true, mode: 0o755 });
  // Again: until now somebody could have made in /tmp, say, what was not there.
  if (options.isRoot) assertSafeWay(places.folder);
  copyInto(places.runtimePath, 0o755, options.runtimePath);
  copyInto(places.programPath, 0o644, options.programPath);
  replaceFile(places.startProgramPath, 0o755, (path) => writeFileSync(path, startProgram));
  forgetUpdates(home);
  if (!withService) return;
  mkdirSync(dirname(places.unitPath), { recursive: true });
  replaceFile(places.unitPath, 0o644, (path) => writeFileSync(path, unit));
  await runSystemctl(options, ['daemon-reload']);
  await runSystemctl(options, ['enable', serviceName]);
  await runSystemctl(options, ['restart', serviceName]);
}

/**
 * Stops and removes the service, or the files where there is none of this agent. The state folder stays: registration and key are not the service's.
 *
 * @throws ServiceError
 */
export async function uninstallService(
  options: ServiceOptions & {
    /** Of an agent that runs without being a service; its files are not taken from under it. */
    readonly runningProcessId: number | undefined;
    readonly home: string;
    /** Removes the enrolment token that was kept for when the agent runs. Called when it does not run any more. */
    readonly forgetToken: () => void;
  },
): Promise<'removed' | 'not-installed'> {
  const { places, runningProcessId, home } = options;
  const isService = isServiceOf(places);
  if (!isService && !existsSync(places.startProgramPath) && !existsSync(places.programPath))
    return 'not-installed';
  if (isService) {
    assertPossible(options);
    await runSystemctl(options, ['disable', '--now', serviceName]);
    rmSync(places.unitPath);
    await runSystemctl(options, ['daemon-reload']);
  } else if (runningProcessId !== undefined) {
    throw new ServiceError(
      'AGENT_RUNS',
      `The agent runs${runningProcessId === 0 ? '' : ` as process ${runningProcessId}`}.`,
      {
        remedy: 'End it first, by the means with which it was started.',
      },
    );
  }
  options.forgetToken();
  forgetUpdates(home);
  // A folder that somebody chose may hold other things.
  for (const path of [places.runtimePath, places.programPath, places.startProgramPath])
    rmSync(path, { force: true });
  if (readdirSync(places.folder).length === 0) rmdirSync(places.folder);
  return 'removed';
}

/** True where the service is that of the agent in these places; an agent elsewhere may have it. */
function isServiceOf({ unitPath, runtimePath, startProgramPath }: ServicePlaces): boolean {
  if (!existsSync(unitPath)) return false;
  const started = /^ExecStart=(\S+)/mu.exec(readFileSync(unitPath, 'utf8'))?.[1];
  if (started === undefined) return false;
  // An earlier agent named the runtime there.
  return [startProgramPath, runtimePath].some(
    (path) =>
      started === path ||
      (existsSync(started) && existsSync(path) && realpathSync(started) === realpathSync(path)),
  );
}

/** What is installed is what runs, and not a program that came as an update before. */
function forgetUpdates(home: string): void {
  rmSync(join(home, 'programs'), { recursive: true, force: true });
}

function assertPossible({ isRoot, isSystemdRunning: hasSystemd }: ServiceOptions): void {
  if (!isRoot) {
    throw new ServiceError('SERVICE_NEEDS_ROOT', 'Only root can install or remove a service.', {
      remedy: 'Run the command again with sudo.',
    });
  }
  if (!hasSystemd) {
    throw new ServiceError('SERVICE_NEEDS_SYSTEMD', 'systemd does not run this computer.', {
      remedy: 'Start `holdfast agent run` by the means of this system, e.g. its init script or a supervisor.',
    });
  }
}

/** An agent that is installed where it lies already stays as it is. */
function copyInto(path: string, mode: number, source: string): void {
  if (existsSync(path) && realpathSync(path) === realpathSync(source)) return;
  replaceFile(path, mode, (incoming) => copyFileSync(source, incoming));
}

/** Beside, flush, rename: a service that starts in between finds the old file or the new one. */
function replaceFile(path: string, mode: number, write: (path: string) => void): void {
  const incoming = `${path}.new`;
  rmSync(incoming, { force: true });
  write(incoming);
  // Neither the copied file's own mode nor the umask of this process decides.
  chmodSync(incoming, mode);
  const descriptor = openSync(incoming, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(incoming, path);
}

async function runSystemctl({ run }: ServiceOptions, args: readonly string[]): Promise<void> {
  if ((await run('systemctl', args)) !== undefined) return;
  throw new ServiceError('SERVICE_TOOL_FAILED', `"systemctl ${args.join(' ')}" failed.`, {
    remedy: `Look at \`systemctl status ${serviceName}\` and \`journalctl -u ${serviceName}\`.`,
  });
}
