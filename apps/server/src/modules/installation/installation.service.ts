import { agentDownloadPath, type AgentInstallation, installScriptName } from '@holdfast/api';
import { type Actor, requirePermission } from '../../platform/access/actor.ts';
import type { Download } from '../../platform/http/download-routes.ts';
import type { Platform } from '../../platform/platform.ts';
import { listServerAddresses } from '../../platform/server-state.ts';
import type { SettingsModule } from '../settings/index.ts';
import type { Archive, ArchiveShelf } from './archive-shelf.ts';
import { formatInstallScript } from './install-script.ts';

export interface InstallationParts {
  readonly platform: Pick<Platform, 'server'>;
  readonly settings: Pick<SettingsModule, 'serverAddresses'>;
  readonly shelf: ArchiveShelf;
}

/** What is served for installing agents. */
export class InstallationService {
  readonly #parts: InstallationParts;

  constructor(parts: InstallationParts) {
    this.#parts = parts;
  }

  async describe(actor: Actor): Promise<AgentInstallation> {
    requirePermission(actor, 'enrolment-tokens:read');
    const { platform, settings, shelf } = this.#parts;
    const places = await shelf.list();
    const archives = places.flatMap(({ archive }) => (archive === null ? [] : [archive]));
    return {
      version: platform.server.version,
      runtimeVersion: process.versions.node,
      addresses: listServerAddresses(settings.serverAddresses(), platform.server.publicAddresses()),
      script: { path: pathOf(installScriptName), sha256: this.#script(archives).sha256 },
      platforms: places.map(({ platform: name, archive, obstacle }) => ({
        platform: name,
        archive:
          archive === null
            ? null
            : {
                fileName: archive.fileName,
                path: pathOf(archive.fileName),
                sha256: archive.sha256,
                sizeBytes: archive.sizeBytes,
              },
        obstacle,
      })),
    };
  }

  /** What stands under a name, for everybody. */
  async findDownload(name: string): Promise<Download | undefined> {
    const archives = (await this.#parts.shelf.list()).flatMap(({ archive }) =>
      archive === null ? [] : [archive],
    );
    if (name === installScriptName) {
      const { text, sha256 } = this.#script(archives);
      // No type that a browser would run.
      return { fileName: name, contentType: 'text/plain; charset=utf-8', sha256, content: { text } };
    }
    const archive = archives.find(({ fileName }) => fileName === name);
    if (archive === undefined) return undefined;
    const { fileName, sha256, path, sizeBytes } = archive;
    return { fileName, contentType: 'application/gzip', sha256, content: { path, sizeBytes } };
  }

  #script(archives: readonly Archive[]): ReturnType<typeof formatInstallScript> {
    return formatInstallScript(this.#parts.platform.server.version, archives);
  }
}

function pathOf(fileName: string): string {
  return `${agentDownloadPath}/${fileName}`;
}
