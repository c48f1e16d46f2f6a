import { type Static, Type } from 'typebox';
import { defineRoute } from './route.ts';
import { Cursor, Instant, PageLimit, Uuid } from './scalars.ts';

const closed = { additionalProperties: false } as const;
const Bytes = Type.Integer({ minimum: 0 });

/** Bytes of components that devices fetched, in all. */
export const LanTraffic = Type.Object({
  fromServerBytes: Bytes,
  /** From the Active Agent of their LAN: what the server did not have to send. */
  fromLanBytes: Bytes,
});
export type LanTraffic = Static<typeof LanTraffic>;

/** A LAN as its devices report it: those of one network that follow the same Active Agent. */
export const LanSegment = Type.Object({
  /** In CIDR notation. Two sites may use the same. */
  network: Type.String(),
  /** Null where none is followed, or where it is a device that the caller may not see. */
  activeAgent: Type.Union([Type.Object({ deviceId: Uuid, deviceName: Type.String() }), Type.Null()]),
  /** The number of its product, also where the caller may not see its device; null: none is followed. */
  activeProduct: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]),
  /** That the caller may see. */
  deviceCount: Type.Integer({ minimum: 0 }),
  ...LanTraffic.properties,
  reportedAt: Instant,
});
export type LanSegment = Static<typeof LanSegment>;

export const listLanSegments = defineRoute({
  name: 'listLanSegments',
  method: 'GET',
  path: '/api/v1/lan-segments',
  tag: 'Components',
  access: { permission: 'directory:read' },
  summary: 'LANs with their Active Agents, by network, and what was fetched from whom',
  query: Type.Object({ cursor: Type.Optional(Cursor), limit: Type.Optional(PageLimit) }, closed),
  response: Type.Object({
    segments: Type.Array(LanSegment),
    nextCursor: Type.Union([Type.String(), Type.Null()]),
    /** Of all devices that the caller may see. */
    traffic: LanTraffic,
  }),
});
