import { arch, hostname, platform } from 'node:os';
import { cleanName, isPrintableText } from '@holdfast/kernel';
import { capabilityVersion, commandDefinitions, limits, type ProductFacts } from '@holdfast/protocol';
import { agentVersion } from './version.ts';

const platformNames: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'linux',
  win32: 'windows',
  darwin: 'macos',
};

/** The name of the computer. Characters that the protocol does not carry are rare, and it still has to register. */
export function readDeviceName(): string {
  const name = cleanName(hostname()).slice(0, limits.maxDeviceNameCharacters).toWellFormed();
  return isPrintableText(name) ? name : 'unnamed';
}

/** What the agent says of itself when it registers and at each handshake. */
export function readProductFacts(
  hardwareId: string | undefined,
  commandTypes: readonly string[],
  installationId?: string,
): ProductFacts {
  const name = readDeviceName();
  return {
    product: { kind: 'endpoint-agent', name: 'Holdfast agent', version: agentVersion },
    device: {
      ...(hardwareId === undefined ? {} : { hardwareId }),
      ...(installationId === undefined ? {} : { installationId }),
      name,
      platform: platformNames[platform()] ?? platform(),
      architecture: arch(),
    },
    capabilities: { capabilityVersion, udp: true, commands: [...commandTypes] },
  };
}

/** Types of the commands that every agent of this version obeys; a test holds them against the handlers. */
export const builtInCommandTypes: readonly string[] = commandDefinitions.map(({ type }) => type);
