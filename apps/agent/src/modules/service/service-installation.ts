import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  fsyncSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { RunProgram } from '../../platform/program-output.ts';
import { ServiceError } from './service.errors.ts';
import { type ServicePlaces, serviceName } from './service-plan.ts';
import { formatSystemdUnit } from './systemd-unit.ts';

export interface ServiceOptions {
  readonly places: ServicePlaces;
  readonly isRoot: boolean;
  /** True when systemd is the init system that runs now. */
  readonly isSystemdRunning: boolean;
  readonly run: RunProgram;
}

export interface InstallationOptions extends ServiceOptions {
  readonly isEnrolled: boolean;
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
 * Copies runtime and program to their place, writes the unit, enables and starts it. May be repeated: a running service goes on
 * with the new files.
 *
 * @throws ServiceError
 */
export async function installService(options: InstallationOptions): Promise<void> {
  const { places, home } = options;
  assertPossible(options);
  if (!options.programPath.endsWith('.mjs')) {
    throw new ServiceError('SERVICE_NEEDS_RELEASE', 'A service is installed from the bundled agent.', {
      remedy: 'Run `holdfast agent install`, which builds the bundle first.',
    });
  }
  if (!options.isEnrolled) {
    throw new ServiceError('SERVICE_NEEDS_ENROLMENT', `There is no registration in ${home}.`, {
      remedy:
        'Run `holdfast agent enroll` with a token first, as the same user and with the same HOLDFAST_AGENT_HOME.',
    });
  }
  const unit = formatSystemdUnit({ ...places, home });
  mkdirSync(places.folder, { recursive: true, mode: 0o755 });
  replaceFile(places.runtimePath, 0o755, (path) => copyFileSync(options.runtimePath, path));
  replaceFile(places.programPath, 0o644, (path) => copyFileSync(options.programPath, path));
  mkdirSync(dirname(places.unitPath), { recursive: true });
  replaceFile(places.unitPath, 0o644, (path) => writeFileSync(path, unit));
  await runSystemctl(options, ['daemon-reload']);
  await runSystemctl(options, ['enable', serviceName]);
  await runSystemctl(options, ['restart', serviceName]);
}

/**
 * Stops and removes the service. The state folder stays: registration and key are not the service's.
 *
 * @throws ServiceError
 */
export async function uninstallService(options: ServiceOptions): Promise<'removed' | 'not-installed'> {
  const { places } = options;
  assertPossible(options);
  if (!existsSync(places.unitPath) && !existsSync(places.folder)) return 'not-installed';
  if (existsSync(places.unitPath)) {
    await runSystemctl(options, ['disable', '--now', serviceName]);
    rmSync(places.unitPath);
    await runSystemctl(options, ['daemon-reload']);
  }
  rmSync(places.folder, { recursive: true, force: true });
  return 'removed';
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
