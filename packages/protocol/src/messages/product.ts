import { type Static, Type } from 'typebox';
import { installationVersion, since } from '../capability-version.ts';
import { limits } from '../limits.ts';
import { field } from './field.ts';

const closed = { additionalProperties: false } as const;

/** What kind of product registers, and which version of it. */
export const ProductSchema = Type.Object(
  { kind: field.productKind, name: field.productName, version: field.productVersion },
  closed,
);
export type Product = Static<typeof ProductSchema>;

/** The computer the product runs on. */
export const DeviceSchema = Type.Object(
  {
    /** Stays the same when the system is reinstalled or renamed; lets several products share one device record. */
    hardwareId: Type.Optional(field.hardwareId),
    /** Another one for each installation of a system: what shows one hardware with two of them is two computers. */
    installationId: Type.Optional(Type.String({ ...field.hardwareId, ...since(installationVersion) })),
    name: field.deviceName,
    /** `linux`, `windows`, `macos`, or another lower-case name. */
    platform: field.platform,
    /** `x64`, `arm64`, or another lower-case name. */
    architecture: field.platform,
  },
  closed,
);
export type Device = Static<typeof DeviceSchema>;

/** What the product can do. The server sends nothing that is not in here. */
export const CapabilitiesSchema = Type.Object(
  {
    /** See `capabilityVersion`. */
    capabilityVersion: Type.Integer({ minimum: 1, maximum: 65_535 }),
    /** True when it can send heartbeats by UDP. */
    udp: Type.Boolean(),
    /** Command types it obeys, no duplicates. */
    commands: Type.Array(field.commandType, { maxItems: limits.maxCommandTypes, uniqueItems: true }),
  },
  closed,
);
export type Capabilities = Static<typeof CapabilitiesSchema>;
