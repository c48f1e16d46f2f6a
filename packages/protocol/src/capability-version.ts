import type { TObject, TSchema } from 'typebox';

/**
 * What a product of this version of the protocol understands, as one number. It grows by one with every change that a
 * peer must know of, each with a dated line here and in docs/protocol.md.
 *
 * - 1 (2026-11-22): registration, handshake, probes, heartbeats by UDP and HTTPS, claims and reports of commands, inventory.
 * - 2 (2026-11-30): progress of running commands, and their cancellation.
 * - 3 (2026-11-30): the authorities that a product trusts side by side, and how one succeeds another; the id of the installation
 *   of the system, beside that of the hardware.
 * - 4 (2026-12-01): the states of components, and the files of their repository.
 */
export const capabilityVersion = 4;

/** The first version that cancels what has been accepted, and hears of progress. */
export const cancellationVersion = 2;

/** The first version that learns authorities from handshakes and follows a succession. */
export const authoritiesVersion = 3;

/** The first version that takes the states of components and serves their files. */
export const componentsVersion = 4;

/** The first version that knows the id of the installation. */
export const installationVersion = 3;

/**
 * Marks an optional member of a request that came with a later version: `Type.Optional(Type.Integer(since(2)))`. A peer that is
 * older would refuse the request because of it.
 */
export function since<Options extends object>(
  version: number,
  options?: Options,
): Options & { readonly since: number } {
  return { ...(options as Options), since: version };
}

/**
 * The value without the members that a peer of this version does not know. Looks at objects and arrays by their schema; a value
 * that does not fit its schema is left as it is.
 */
export function omitNewer(schema: TSchema, value: unknown, peerVersion: number): unknown {
  if (isObjectSchema(schema) && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, member]) => {
        const memberSchema = schema.properties[name];
        if (memberSchema === undefined) return [[name, member]];
        return sinceOf(memberSchema) > peerVersion
          ? []
          : [[name, omitNewer(memberSchema, member, peerVersion)]];
      }),
    );
  }
  if (Array.isArray(value) && 'items' in schema) {
    return value.map((item) => omitNewer(schema.items as TSchema, item, peerVersion));
  }
  return value;
}

function sinceOf(schema: TSchema): number {
  return 'since' in schema && typeof schema.since === 'number' ? schema.since : 1;
}

function isObjectSchema(schema: TSchema): schema is TObject {
  return 'properties' in schema;
}
