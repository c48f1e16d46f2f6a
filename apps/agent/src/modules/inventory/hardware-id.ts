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
}

/**
 * The id by which products of one computer find the same device record, or `undefined` when nothing identifies the machine.
 * It is a hash, because both sources ask not to be shown to others (machine-id(5)), and hashes tell nothing to
 * other programs that use the same sources.
 */
export function deriveHardwareId(identity: MachineIdentity): string | undefined {
  const uuid = identity.firmwareUuid?.toLowerCase();
  if (uuid !== undefined && UUID.test(uuid) && !SHARED.has(uuid)) return `firmware:${hash(uuid)}`;
  const installation = identity.installationId?.toLowerCase().replaceAll('-', '');
  if (installation !== undefined && MACHINE_ID.test(installation) && !/^0+$/u.test(installation)) {
    return `installation:${hash(installation)}`;
  }
  return undefined;
}

function hash(text: string): string {
  return createHash('sha256').update(`holdfast hardware id v1\n${text}`).digest('base64url').slice(0, 32);
}
