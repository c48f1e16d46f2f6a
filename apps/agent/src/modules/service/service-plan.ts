import { join } from 'node:path';

/** Where the installed service lies: nothing of it depends on the folder it was installed from. */
export interface ServicePlaces {
  readonly folder: string;
  readonly runtimePath: string;
  readonly programPath: string;
  readonly unitPath: string;
}

export const serviceName = 'holdfast-agent.service';

/** @param root `/`, or another folder for tests */
export function planServicePlaces(root = '/'): ServicePlaces {
  const folder = join(root, 'opt/holdfast-agent');
  return {
    folder,
    runtimePath: join(folder, 'node'),
    programPath: join(folder, 'agent.mjs'),
    unitPath: join(root, 'etc/systemd/system', serviceName),
  };
}
