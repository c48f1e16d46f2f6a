import { CapabilitiesSchema, DeviceSchema, ProductSchema } from '@holdfast/protocol';
import { parsePublicJwk, type PublicJwk } from '@holdfast/trust';
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';

const closed = { additionalProperties: false } as const;

/** What a waiting product said of itself: as much of its request as its records are made from. */
export const WaitingRequest = Type.Object(
  { product: ProductSchema, device: DeviceSchema, capabilities: CapabilitiesSchema },
  closed,
);
export type WaitingRequest = Static<typeof WaitingRequest>;

/** What a receipt of this server says that the product was. */
export const FormerPlace = Type.Object(
  {
    productNumber: Type.Integer({ minimum: 1 }),
    deviceId: Type.String(),
    groupId: Type.String(),
    groupPath: Type.Array(Type.String()),
  },
  closed,
);
export type FormerPlace = Static<typeof FormerPlace>;

/** A product on the waiting list. */
export interface WaitingEntry {
  readonly id: string;
  readonly kind: 'approval' | 're-admission' | 'copied';
  readonly state: 'waiting' | 'refused';
  readonly keyThumbprint: string;
  readonly publicJwk: PublicJwk;
  readonly request: WaitingRequest;
  readonly tokenId: string | null;
  readonly tokenName: string | null;
  /** Group of the token, while it is there. */
  readonly tokenGroupId: string | null;
  readonly former: FormerPlace | null;
  readonly remoteAddress: string;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
}

/** The JSON columns of a stored entry; `undefined` for what another release stored in another form. */
export function parseStoredEntry(stored: {
  readonly publicJwk: unknown;
  readonly request: unknown;
  readonly receipt: unknown;
}): Pick<WaitingEntry, 'publicJwk' | 'request' | 'former'> | undefined {
  const publicJwk = parsePublicJwk(stored.publicJwk);
  if (publicJwk === undefined || !Check(WaitingRequest, stored.request)) return undefined;
  if (stored.receipt === null) return { publicJwk, request: stored.request, former: null };
  if (!Check(FormerPlace, stored.receipt)) return undefined;
  return { publicJwk, request: stored.request, former: stored.receipt };
}
