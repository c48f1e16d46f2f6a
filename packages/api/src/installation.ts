import { type Static, Type } from 'typebox';
import { defineRoute } from './route.ts';
import { oneOf } from './scalars.ts';

/** Systems that an archive of the agent can be made for, as `uname` and the runtime name them. */
export const agentPlatforms = ['linux-x64', 'linux-arm64'] as const;
export type AgentPlatform = (typeof agentPlatforms)[number];

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 in lower-case hexadecimal' });

const ARCHIVE_FILE_NAME = '^holdfast-agent-[0-9A-Za-z][0-9A-Za-z.+-]{0,100}\\.tar\\.gz$';

/** True for the name of an archive, which is never a path, whoever says it. */
export function isArchiveFileName(text: string): boolean {
  return new RegExp(ARCHIVE_FILE_NAME, 'u').test(text);
}

/** More than the script ever has. */
export const maxInstallScriptBytes = 1_000_000;

/** Where the server serves the script and the archives, to everybody. */
export const agentDownloadPath = '/agent';
export const installScriptName = 'install.sh';

export const AgentInstallation = Type.Object({
  /** Of the agent that is served. */
  version: Type.String(),
  /** Of the runtime that the server itself runs on, which a runtime for another system should match. */
  runtimeVersion: Type.String(),
  /** Where devices find the server, preferred first. */
  addresses: Type.Array(Type.String()),
  script: Type.Object({ path: Type.String(), sha256: Sha256 }),
  platforms: Type.Array(
    Type.Object({
      platform: oneOf(agentPlatforms),
      archive: Type.Union([
        Type.Object({
          fileName: Type.String({ pattern: ARCHIVE_FILE_NAME }),
          path: Type.String(),
          sha256: Sha256,
          sizeBytes: Type.Integer({ minimum: 1 }),
        }),
        Type.Null(),
      ]),
      /** Why there is no archive; null where there is one. */
      obstacle: Type.Union([
        oneOf([
          'no-runtime',
          'runtime-unusable',
          'runtime-not-portable',
          'agent-not-built',
          // It is tried again after a minute.
          'no-room',
          'not-made',
        ] as const),
        Type.Null(),
      ]),
    }),
  ),
});
export type AgentInstallation = Static<typeof AgentInstallation>;
export type AgentPlatformState = AgentInstallation['platforms'][number];

export const getAgentInstallation = defineRoute({
  name: 'getAgentInstallation',
  method: 'GET',
  path: '/api/v1/agent-installation',
  tag: 'Enrolment',
  access: { permission: 'enrolment-tokens:read' },
  summary:
    'What the server serves for installing agents: script, archives, checksums; makes archives that are missing',
  response: AgentInstallation,
});
