import { join, resolve } from 'node:path';

/** Where the installed agent lies: nothing of it depends on the folder it was installed from. */
export interface ServicePlaces {
  readonly folder: string;
  readonly runtimePath: string;
  readonly programPath: string;
  /** What people and scripts call. */
  readonly startProgramPath: string;
  readonly unitPath: string;
}

export const serviceName = 'holdfast-agent.service';

/**
 * @param root `/`, or another folder for tests
 * @param prefix folder of the agent, where it is not the usual one
 */
export function planServicePlaces(root = '/', prefix?: string): ServicePlaces {
  const folder = prefix === undefined ? join(root, 'opt/holdfast-agent') : resolve(prefix);
  return {
    folder,
    runtimePath: join(folder, 'node'),
    programPath: join(folder, 'agent.mjs'),
    startProgramPath: join(folder, 'holdfast-agent'),
    unitPath: join(root, 'etc/systemd/system', serviceName),
  };
}
