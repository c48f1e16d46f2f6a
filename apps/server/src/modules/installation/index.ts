/**
 * How agents get onto computers that have nothing of Holdfast yet: the install script and, for each system that there is a runtime
 * for, an archive of agent and runtime (docs/agent-archive.md). Promises that the same content is the same bytes, that the script
 * accepts no archive but those whose checksums stand in it, and that what is served to everybody holds no secret. Who may join is
 * decided by registration.
 */
import type { Platform } from '../../platform/platform.ts';
import type { SettingsModule } from '../settings/index.ts';
import { ArchiveShelf, type ArchiveSources } from './archive-shelf.ts';
import { registerInstallationRoutes } from './installation.routes.ts';
import { InstallationService } from './installation.service.ts';

export type { ArchiveSources } from './archive-shelf.ts';

export interface InstallationDependencies {
  readonly platform: Pick<Platform, 'log' | 'clock' | 'server' | 'registerRoute' | 'registerDownload'>;
  readonly settings: Pick<SettingsModule, 'serverAddresses'>;
  /** Undefined: this server has nothing to make archives of. */
  readonly sources: ArchiveSources | undefined;
}

export function createInstallationModule({ platform, settings, sources }: InstallationDependencies): void {
  const { log, clock, server } = platform;
  const shelf = new ArchiveShelf({ version: server.version, log, clock, sources });
  registerInstallationRoutes(platform, new InstallationService({ platform, settings, shelf }));
}
