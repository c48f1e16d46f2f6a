import { type Static, Type } from 'typebox';
import { ChangePlan, PlanToken } from './change-plan.ts';
import { deviceSorts, fieldSchemas, filteredFields, filterSchemas, setSchemas } from './device-fields.ts';
import { InventoryFacts } from './inventory.ts';
import { Presence, presenceStatuses, transports } from './presence.ts';
import { RecycledItem } from './recycle-bin.ts';
import { defineRoute } from './route.ts';
import {
  Count,
  Cursor,
  Instant,
  Name,
  oneOf,
  PageLimit,
  ProductNumber,
  SearchText,
  Uuid,
} from './scalars.ts';
import { TagName } from './tags.ts';

export const deviceEncryptionStates = ['encrypted', 'not-encrypted', 'unknown'] as const;
/** Whether every fixed disk of a device is encrypted, as filters say it. */
export type DeviceEncryption = (typeof deviceEncryptionStates)[number];

/** Why two records that report one hardware are two systems, so that neither is left over from the other. */
export const twinContradictions = [
  /** Each reports another installation: a computer and a container on it, or two systems on one disk. */
  'installation',
  /** No network interface of the one is one of the other. */
  'interfaces',
  /** The older one was still heard after the newer one had registered. */
  'overlap',
] as const;
export type TwinContradiction = (typeof twinContradictions)[number];

/** Another record of the same computer: both report the same hardware, e.g. before and after it was set up anew. */
export const DeviceTwin = Type.Object({
  deviceId: Uuid,
  name: Type.String(),
  groupPath: Type.Array(Type.String()),
  registeredAt: Instant,
  presence: Presence,
  /** Absent where nothing contradicts that both are the same computer. */
  contradiction: Type.Optional(oneOf(twinContradictions)),
});
export type DeviceTwin = Static<typeof DeviceTwin>;

/** Another computer that used the key of this device and is refused for it: most often its disk was copied. */
export const KeyCopy = Type.Object({
  /** As it calls itself. */
  name: Type.String(),
  address: Type.String(),
  lastSeenAt: Instant,
  /** It has made a key of its own and waits for an administrator. */
  isWaiting: Type.Boolean(),
});
export type KeyCopy = Static<typeof KeyCopy>;

export const DeviceSummary = Type.Object({
  id: Uuid,
  groupId: Uuid,
  ...fieldSchemas,
  /** Newest first, five at most, without those outside the caller's scope; empty for nearly every device. */
  twins: Type.Array(DeviceTwin),
  /** Newest first, five at most, those of the last 30 days; empty for nearly every device. */
  keyCopies: Type.Array(KeyCopy),
});
export type DeviceSummary = Static<typeof DeviceSummary>;

export const communicationModes = ['one-way', 'two-way-direct', 'two-way-udp', 'two-way-held'] as const;
/** Whether and how the server can call a product between its heartbeats. */
export type CommunicationMode = (typeof communicationModes)[number];

export const notificationWays = ['direct', 'udp', 'held'] as const;
export type NotificationWay = (typeof notificationWays)[number];

export const notificationOutcomes = [
  /** The product proved that it got it. */
  'acknowledged',
  /** Written to the stream that the product keeps open. Nothing proves there that it arrived. */
  'written',
  /** No connection, or no answer in time. */
  'unanswered',
  /** Something answered that is not the product. */
  'unproven',
  /** The product has no stream open, or no datagram of it has come yet. */
  'no-way',
] as const;
export type NotificationOutcome = (typeof notificationOutcomes)[number];

/** Connection Information: how a product and the server reach each other, and why so. */
export const ProductCommunication = Type.Object({
  /** `one-way` also while calls that should work do not. */
  mode: oneOf(communicationModes),
  /** Why, as one word of the protocol; `notifications-failed` while calls that should work do not; empty before the first choice. */
  modeReason: Type.String(),
  transport: oneOf(transports),
  transportReason: Type.String(),
  /** The heartbeat interval that the product was told last; null: none yet. */
  intervalMs: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
  /** The last call of the server that came to an end since the server was started. */
  lastNotification: Type.Union([
    Type.Object({ at: Instant, way: oneOf(notificationWays), outcome: oneOf(notificationOutcomes) }),
    Type.Null(),
  ]),
});
export type ProductCommunication = Static<typeof ProductCommunication>;

export const productTroubles = [
  'disk-full',
  'inventory-refused',
  'logs-refused',
  'reports-refused',
  'commands-refused',
  'notifications-refused',
] as const;
/** What keeps a product from its work, as it says itself: the disk of its state is full, or the server refuses one of its calls. */
export type ProductTrouble = (typeof productTroubles)[number];

/** One of the products that run on a device and speak with the server. */
export const ManagedProduct = Type.Object({
  productNumber: ProductNumber,
  kind: Type.String(),
  name: Type.String(),
  version: Type.String(),
  keyThumbprint: Type.String(),
  state: oneOf(['active', 'disabled'] as const),
  transport: oneOf(transports),
  transportReason: Type.String(),
  communication: ProductCommunication,
  registeredAt: Instant,
  lastHandshakeAt: Type.Union([Instant, Type.Null()]),
  /** Server clock minus agent clock at the last handshake. */
  clockSkewMs: Type.Union([Type.Integer(), Type.Null()]),
  presence: Presence,
  /** Activity values of the last heartbeat; absent ones were not sent. */
  activity: Type.Object({
    uptimeSeconds: Type.Optional(Type.Integer()),
    loadAverage: Type.Optional(Type.Number()),
    memoryUsedPercent: Type.Optional(Type.Integer()),
    agentMemoryBytes: Type.Optional(Type.Integer()),
    systemVolumeFreePercent: Type.Optional(Type.Integer()),
  }),
  /** As of the last heartbeat. Absent: a server that does not know them. */
  troubles: Type.Optional(Type.Array(oneOf(productTroubles))),
});
export type ManagedProduct = Static<typeof ManagedProduct>;

export const DeviceDetails = Type.Object({
  device: DeviceSummary,
  products: Type.Array(ManagedProduct),
  inventory: Type.Union([
    Type.Object({ collectedAt: Instant, receivedAt: Instant, facts: InventoryFacts }),
    Type.Null(),
  ]),
});
export type DeviceDetails = Static<typeof DeviceDetails>;

const tag = 'Directory';
const read = { permission: 'directory:read' } as const;
const edit = { permission: 'directory:edit' } as const;
const DeviceParams = Type.Object({ deviceId: Uuid }, { additionalProperties: false });

/** As many tags as one filter names. */
export const MAX_FILTERED_TAGS = 16;

const FilteredTags = Type.Array(TagName, { minItems: 1, maxItems: MAX_FILTERED_TAGS, uniqueItems: true });

/** Filter of the device list; the same everywhere a set of devices is meant. */
export const DeviceFilter = Type.Object(
  {
    groupId: Type.Optional(Uuid),
    /** Include the devices of all subgroups; true unless told. */
    withSubgroups: Type.Optional(Type.Boolean()),
    /** Part of a name, an address, a system or another searched field; `tag:` and the beginning of a tag's name for a device that has such a tag. */
    search: Type.Optional(SearchText),
    status: Type.Optional(oneOf(presenceStatuses)),
    encryption: Type.Optional(oneOf(deviceEncryptionStates)),
    ...filterSchemas,
    /** Devices that have all of these tags. */
    tag: Type.Optional(FilteredTags),
    /** Devices that have none of these tags. */
    withoutTag: Type.Optional(FilteredTags),
  },
  { additionalProperties: false },
);
export type DeviceFilter = Static<typeof DeviceFilter>;

/** Devices named one by one, or by a filter. */
export const DeviceTargets = Type.Union([
  Type.Object(
    { deviceIds: Type.Array(Uuid, { minItems: 1, maxItems: 1000, uniqueItems: true }) },
    { additionalProperties: false },
  ),
  Type.Object({ filter: DeviceFilter }, { additionalProperties: false }),
]);
export type DeviceTargets = Static<typeof DeviceTargets>;

const DeviceQuery = Type.Object(
  {
    ...DeviceFilter.properties,
    sort: Type.Optional(oneOf(deviceSorts)),
    order: Type.Optional(oneOf(['ascending', 'descending'] as const)),
    cursor: Type.Optional(Cursor),
    limit: Type.Optional(PageLimit),
  },
  { additionalProperties: false },
);

export const listDevices = defineRoute({
  name: 'listDevices',
  method: 'GET',
  path: '/api/v1/devices',
  tag,
  isHeavy: true,
  access: read,
  summary: 'One page of devices (keyset paging; 100 unless told)',
  query: DeviceQuery,
  response: Type.Object({
    devices: Type.Array(DeviceSummary),
    nextCursor: Type.Union([Cursor, Type.Null()]),
    count: Count,
  }),
});
export const listDeviceValues = defineRoute({
  name: 'listDeviceValues',
  method: 'GET',
  path: '/api/v1/devices/values',
  tag,
  isHeavy: true,
  access: read,
  summary: 'The values of a field that most devices have, with the number of these devices',
  query: Type.Object(
    { field: oneOf(filteredFields), groupId: Type.Optional(Uuid) },
    { additionalProperties: false },
  ),
  response: Type.Object({
    /** The most frequent first, 50 at most; an empty one counts the devices that have none. */
    values: Type.Array(Type.Object({ value: Type.String(), count: Type.Integer() })),
  }),
});
/** Streamed; the declared response is that of JSON, `format=csv` answers text/csv with the same columns. */
export const exportDevices = defineRoute({
  name: 'exportDevices',
  method: 'GET',
  path: '/api/v1/devices/export',
  tag,
  isHeavy: true,
  access: read,
  summary: 'All devices of a filter as CSV or JSON lines',
  query: Type.Object(
    { ...DeviceFilter.properties, format: oneOf(['csv', 'json'] as const) },
    { additionalProperties: false },
  ),
  response: Type.Unknown(),
});
export const getDevice = defineRoute({
  name: 'getDevice',
  method: 'GET',
  path: '/api/v1/devices/:deviceId',
  tag,
  access: read,
  summary: 'A device with its products and facts',
  params: DeviceParams,
  response: DeviceDetails,
});
export const renameDevice = defineRoute({
  name: 'renameDevice',
  method: 'PATCH',
  path: '/api/v1/devices/:deviceId',
  tag,
  access: edit,
  summary: 'Give a device a display name, or the reported name back with null',
  params: DeviceParams,
  body: Type.Object({ name: Type.Union([Name, Type.Null()]) }, { additionalProperties: false }),
  response: DeviceDetails,
});
export const setDeviceFields = defineRoute({
  name: 'setDeviceFields',
  method: 'PATCH',
  path: '/api/v1/devices/:deviceId/fields',
  tag,
  access: edit,
  summary: 'Set what people say of a device; an empty text takes it away, what is absent stays',
  params: DeviceParams,
  body: Type.Object(setSchemas, { additionalProperties: false }),
  response: DeviceDetails,
});
export const planDeviceMove = defineRoute({
  name: 'planDeviceMove',
  method: 'POST',
  path: '/api/v1/device-moves/plan',
  tag,
  access: edit,
  summary: 'What moving devices would change',
  body: Type.Object(
    { deviceIds: Type.Array(Uuid, { minItems: 1, maxItems: 1000, uniqueItems: true }), groupId: Uuid },
    { additionalProperties: false },
  ),
  response: ChangePlan,
});
export const moveDevices = defineRoute({
  name: 'moveDevices',
  method: 'POST',
  path: '/api/v1/device-moves',
  tag,
  access: edit,
  summary: 'Move devices to a group',
  body: Type.Object(
    {
      deviceIds: Type.Array(Uuid, { minItems: 1, maxItems: 1000, uniqueItems: true }),
      groupId: Uuid,
      planToken: PlanToken,
    },
    { additionalProperties: false },
  ),
  response: Type.Object({ movedCount: Type.Integer() }),
});
export const removeDevice = defineRoute({
  name: 'removeDevice',
  method: 'POST',
  path: '/api/v1/devices/:deviceId/removal',
  tag,
  access: edit,
  summary: 'Move a device to the recycle bin; its products stay registered and keep their keys',
  params: DeviceParams,
  response: RecycledItem,
});
export const setProductState = defineRoute({
  name: 'setProductState',
  method: 'PUT',
  path: '/api/v1/products/:productNumber/state',
  tag,
  access: edit,
  summary: 'Disable or enable a managed product; a disabled one is refused at its next call',
  params: Type.Object({ productNumber: ProductNumber }, { additionalProperties: false }),
  body: Type.Object({ state: oneOf(['active', 'disabled'] as const) }, { additionalProperties: false }),
});
