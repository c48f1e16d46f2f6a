import { type Static, Type } from 'typebox';
import { Instant, oneOf } from './scalars.ts';

export const diskEncryptionStates = ['encrypted', 'not-encrypted', 'partly-encrypted', 'unknown'] as const;

/** Why a fixed disk does not count: another computer lends it, or nothing on it is written by people. */
export const diskExemptions = ['network', 'no-data'] as const;

/** How many more there are than the list holds that is named before; absent: none. */
const Omitted = Type.Optional(Type.Integer({ minimum: 0 }));

/** Facts of a device as its agent last reported them. Every part may be absent where the system does not tell. */
export const InventoryFacts = Type.Object({
  hostName: Type.Optional(Type.String({ maxLength: 255 })),
  system: Type.Optional(
    Type.Object({
      name: Type.String({ maxLength: 200 }),
      version: Type.Optional(Type.String({ maxLength: 100 })),
      kernel: Type.Optional(Type.String({ maxLength: 200 })),
      architecture: Type.Optional(Type.String({ maxLength: 40 })),
    }),
  ),
  hardware: Type.Optional(
    Type.Object({
      manufacturer: Type.Optional(Type.String({ maxLength: 200 })),
      model: Type.Optional(Type.String({ maxLength: 200 })),
      serialNumber: Type.Optional(Type.String({ maxLength: 200 })),
      isVirtual: Type.Optional(Type.Boolean()),
      /** Kind of the container in which the agent runs, e.g. `docker`. */
      container: Type.Optional(Type.String({ maxLength: 40 })),
    }),
  ),
  processor: Type.Optional(
    Type.Object({ model: Type.String({ maxLength: 200 }), cores: Type.Integer({ minimum: 1 }) }),
  ),
  memory: Type.Optional(
    Type.Object({
      totalBytes: Type.Integer({ minimum: 0 }),
      availableBytes: Type.Optional(Type.Integer({ minimum: 0 })),
    }),
  ),
  disks: Type.Optional(
    Type.Array(
      Type.Object({
        name: Type.String({ maxLength: 200 }),
        model: Type.Optional(Type.String({ maxLength: 200 })),
        sizeBytes: Type.Integer({ minimum: 0 }),
        isRemovable: Type.Optional(Type.Boolean()),
        exemption: Type.Optional(oneOf(diskExemptions)),
        encryption: oneOf(diskEncryptionStates),
        encryptionMethod: Type.Optional(Type.String({ maxLength: 100 })),
        volumes: Type.Optional(
          Type.Array(
            Type.Object({
              name: Type.String({ maxLength: 200 }),
              mountPoint: Type.Optional(Type.String({ maxLength: 1024 })),
              fileSystem: Type.Optional(Type.String({ maxLength: 60 })),
              sizeBytes: Type.Optional(Type.Integer({ minimum: 0 })),
              /** What ordinary programs can still write. Less than size minus used, where some is reserved for root. */
              freeBytes: Type.Optional(Type.Integer({ minimum: 0 })),
              /** Absent where it is size minus free. */
              usedBytes: Type.Optional(Type.Integer({ minimum: 0 })),
              encryption: oneOf(diskEncryptionStates),
            }),
            { maxItems: 256 },
          ),
        ),
        volumesOmitted: Omitted,
        /** Volumes that lie on this disk too and are listed at a disk before it, such as those of a mirror. */
        volumesListedBefore: Type.Optional(Type.Integer({ minimum: 0 })),
      }),
      { maxItems: 256 },
    ),
  ),
  disksOmitted: Omitted,
  interfaces: Type.Optional(
    Type.Array(
      Type.Object({
        name: Type.String({ maxLength: 64 }),
        hardwareAddress: Type.Optional(Type.String({ maxLength: 64 })),
        addresses: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 64 }),
        addressesOmitted: Omitted,
      }),
      { maxItems: 256 },
    ),
  ),
  interfacesOmitted: Omitted,
  agent: Type.Optional(
    Type.Object({
      version: Type.String({ maxLength: 60 }),
      runtime: Type.Optional(Type.String({ maxLength: 60 })),
      startedAt: Type.Optional(Instant),
    }),
  ),
  bootedAt: Type.Optional(Instant),
  timeZone: Type.Optional(Type.String({ maxLength: 100 })),
});
export type InventoryFacts = Static<typeof InventoryFacts>;

/** Whether a disk counts for the encryption of its computer: it stays in it, and people write to it. */
export function isCountedDisk(disk: {
  readonly isRemovable?: boolean;
  readonly exemption?: (typeof diskExemptions)[number];
}): boolean {
  return disk.isRemovable !== true && disk.exemption === undefined;
}
