import { arch, hostname, platform } from 'node:os';
import { isPrintableText, toOneLine } from '@holdfast/kernel';
import { capabilityVersion, commandDefinitions, limits, type ProductFacts } from '@holdfast/protocol';
import { agentVersion } from './version.ts';

const platformNames: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'linux',
  win32: 'windows',
  darwin: 'macos',
};

/** What the agent says of itself when it registers and at each handshake. */
export function readProductFacts(
  hardwareId: string | undefined,
  commandTypes: readonly string[],
): ProductFacts {
  // Names with characters that the protocol does not carry are rare, and still have to register.
  const name = toOneLine(hostname(), limits.maxDeviceNameCharacters);
  return {
    product: { kind: 'endpoint-agent', name: 'Holdfast agent', version: agentVersion },
    device: {
      ...(hardwareId === undefined ? {} : { hardwareId }),
      name: isPrintableText(name) ? name : 'unnamed',
      platform: platformNames[platform()] ?? platform(),
      architecture: arch(),
    },
    capabilities: { capabilityVersion, udp: true, commands: [...commandTypes] },
  };
}

/** Types of the commands that every agent of this version obeys; a test holds them against the handlers. */
export const builtInCommandTypes: readonly string[] = commandDefinitions.map(({ type }) => type);
