import { createHash } from 'node:crypto';

// UUIDs that makers burnt into whole series; they name no single machine.
const SHARED = new Set([
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  '03000200-0400-0500-0006-000700080009',
  '12345678-1234-5678-90ab-cddeefaabbcc',
  'fefefefe-fefe-fefe-fefe-fefefefefefe',
]);
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;
const MACHINE_ID = /^[0-9a-f]{32}$/u;

export interface MachineIdentity {
  /** UUID of the firmware; stays over a new installation of the system. */
  readonly firmwareUuid: string | undefined;
  /** Id that the installation of the system made, such as /etc/machine-id. */
  readonly installationId: string | undefined;
  /** What tells a container from its neighbours on the same computer. */
  readonly containerId?: string | undefined;
}

/** Another id for each installation: where two of them are on one hardware, there are two systems. A hash as well. */
export function deriveInstallationId(machineId: string | undefined): string | undefined {
  const installation = toMachineId(machineId);
  return installation === undefined ? undefined : hash(`holdfast installation id v1\n${installation}`);
}

/**
 * The id by which products of one computer find the same device record, or `undefined` when nothing identifies the machine.
 * It is a hash, because both sources ask not to be shown to others (machine-id(5)), and hashes tell nothing to
 * other programs that use the same sources.
 */
export function deriveHardwareId(identity: MachineIdentity): string | undefined {
  const installation = toMachineId(identity.installationId);
  const uuid = identity.firmwareUuid?.toLowerCase();
  if (identity.containerId !== undefined) {
    // Names of containers are unique on one computer, and images bring the id of an installation along.
    const parts = [identity.containerId, uuid ?? '', installation ?? ''];
    return `container:${hash(`holdfast container id v1\n${parts.join('\n')}`)}`;
  }
  if (uuid !== undefined && UUID.test(uuid) && !SHARED.has(uuid)) return `firmware:${hashHardware(uuid)}`;
  return installation === undefined ? undefined : `installation:${hashHardware(installation)}`;
}

function toMachineId(text: string | undefined): string | undefined {
  const id = text?.toLowerCase().replaceAll('-', '');
  return id !== undefined && MACHINE_ID.test(id) && !/^0+$/u.test(id) ? id : undefined;
}

function hashHardware(text: string): string {
  return hash(`holdfast hardware id v1\n${text}`);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 32);
}
