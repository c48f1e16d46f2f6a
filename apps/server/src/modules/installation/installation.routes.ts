import { agentDownloadPath, getAgentInstallation } from '@holdfast/api';
import type { Platform } from '../../platform/platform.ts';
import type { InstallationService } from './installation.service.ts';

export function registerInstallationRoutes(
  { registerRoute, registerDownload }: Pick<Platform, 'registerRoute' | 'registerDownload'>,
  service: InstallationService,
): void {
  registerRoute(getAgentInstallation, async ({ actor }) => await service.describe(actor));
  registerDownload({
    name: 'agentDownload',
    path: `${agentDownloadPath}/:file`,
    because:
      'a computer asks before it is known; script and agent are the same for everybody and hold no secret',
    find: async (name) => await service.findDownload(name),
  });
}
