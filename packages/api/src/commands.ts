import { type Static, Type } from 'typebox';
import { DeviceTargets } from './devices.ts';
import { permissions } from './permissions.ts';
import { defineRoute } from './route.ts';
import { Cursor, Instant, oneOf, PageLimit, ProductNumber, Uuid } from './scalars.ts';

/**
 * Life of a command at one product. `queued` nobody fetched it; `delivered` the product fetched it; `accepted`
 * it is recorded there and will begin; `running`; `cancelling` the product is asked to end it; then one of the four ends.
 */
export const commandStates = [
  'queued',
  'delivered',
  'accepted',
  'running',
  'cancelling',
  'succeeded',
  'failed',
  'expired',
  'cancelled',
] as const;
export type CommandState = (typeof commandStates)[number];

export const CommandCounts = Type.Object({
  total: Type.Integer(),
  queued: Type.Integer(),
  delivered: Type.Integer(),
  accepted: Type.Integer(),
  running: Type.Integer(),
  cancelling: Type.Integer(),
  succeeded: Type.Integer(),
  failed: Type.Integer(),
  expired: Type.Integer(),
  cancelled: Type.Integer(),
});
export type CommandCounts = Static<typeof CommandCounts>;

/** One order as an administrator gave it, to one or many products. */
export const Command = Type.Object({
  id: Uuid,
  type: Type.String(),
  title: Type.String(),
  parameters: Type.Record(Type.String(), Type.Unknown()),
  /** For whom, in words: a device's name, `3 devices`, `group Berlin`. */
  target: Type.String(),
  issuedAt: Instant,
  issuedBy: Type.String(),
  expiresAt: Instant,
  /** Passes in idle hours; every other command waits for their end. */
  isUrgent: Type.Boolean(),
  /** The command whose failed devices this one tries again; null otherwise, and when that one has been forgotten. */
  repeatsId: Type.Union([Uuid, Type.Null()]),
  counts: CommandCounts,
});
export type Command = Static<typeof Command>;

/** The order at one product. */
export const CommandTarget = Type.Object({
  id: Uuid,
  commandId: Uuid,
  deviceId: Type.Union([Uuid, Type.Null()]),
  deviceName: Type.String(),
  /** What tells it from other devices of its name, such as a serial number; absent where there is no other. */
  deviceDistinction: Type.Optional(Type.String()),
  productNumber: ProductNumber,
  state: oneOf(commandStates),
  /** Machine-readable reason of a failure; null otherwise. */
  code: Type.Union([Type.String(), Type.Null()]),
  detail: Type.String(),
  /** Why the product is not given the command at this moment; null when nothing is in the way, or it has it already. */
  waitsFor: Type.Union([Type.Literal('working-hours'), Type.Null()]),
  /**
   * Whether cancelling would do something here: what has not begun never begins, and what has begun is asked to end where the
   * product understands that.
   */
  canCancel: Type.Boolean(),
  /** How far the product last said that it is; null before it has said anything. */
  progress: Type.Union([
    Type.Object({
      /** Null while nobody can tell. It never goes back. */
      percent: Type.Union([Type.Integer({ minimum: 0, maximum: 100 }), Type.Null()]),
      /** What is being done, in the words of the product. */
      text: Type.String(),
      at: Instant,
    }),
    Type.Null(),
  ]),
  steps: Type.Array(Type.Object({ state: oneOf(commandStates), at: Instant, detail: Type.String() })),
  result: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
});
export type CommandTarget = Static<typeof CommandTarget>;

/** Where a command runs on the device: lanes run side by side, each one command at a time. */
export const commandLanes = ['quick', 'system', 'update', 'disk'] as const;

/**
 * How far a command reaches, and so what is asked before it goes out. `harmless` nobody at the device notices; `disruptive`
 * somebody there is interrupted, and can go on afterwards; `destructive` something is gone that does not come back by itself.
 */
export const commandReaches = ['harmless', 'disruptive', 'destructive'] as const;
export type CommandReach = (typeof commandReaches)[number];

export const CommandType = Type.Object({
  type: Type.String(),
  title: Type.String(),
  description: Type.String(),
  lane: oneOf(commandLanes),
  reach: oneOf(commandReaches),
  /** What a caller needs where the devices lie, to issue it, try it again or cancel it. */
  permission: oneOf(permissions),
  /**
   * JSON Schema of the parameters; an empty object schema where there are none. Each property has a `title`, and where it helps a
   * `description`, a `default`, which the server adds when the parameter is absent, and a `unit` (`s`, `min`). `isLong` marks text of
   * several lines, `isDelay` a time until whose end the command can be cancelled, and the branches of a choice have titles of their
   * own.
   */
  parametersSchema: Type.Record(Type.String(), Type.Unknown()),
  /** JSON Schema of what a success reports; later agents may report more. */
  resultSchema: Type.Record(Type.String(), Type.Unknown()),
  defaultExpiryMs: Type.Integer(),
});
export type CommandType = Static<typeof CommandType>;

const tag = 'Commands';
const ExpiresInMs = Type.Integer({ minimum: 60_000, maximum: 2_592_000_000 });
const CommandParams = Type.Object({ commandId: Uuid }, { additionalProperties: false });

export const listCommandTypes = defineRoute({
  name: 'listCommandTypes',
  method: 'GET',
  path: '/api/v1/command-types',
  tag,
  access: { permission: 'commands:read' },
  summary: 'What can be ordered',
  response: Type.Object({ types: Type.Array(CommandType) }),
});
export const CommandPlan = Type.Object({
  /** For so many it would be: of the devices that are meant, those for which the caller may issue commands. */
  devices: Type.Integer({ minimum: 0 }),
  /** Devices in idle hours, by the end of those; who begins first comes first, who never does comes last. */
  waits: Type.Array(
    Type.Object({
      /** Null: the schedule has no working hours. */
      hoursBeginAt: Type.Union([Instant, Type.Null()]),
      devices: Type.Integer({ minimum: 1 }),
    }),
  ),
});
export type CommandPlan = Static<typeof CommandPlan>;

export const planCommand = defineRoute({
  name: 'planCommand',
  method: 'POST',
  path: '/api/v1/commands/plan',
  tag,
  isHeavy: true,
  access: { permission: 'commands:issue' },
  summary:
    'For how many devices an order would be, and which of them would get it only when their working hours begin; changes nothing',
  body: Type.Object(
    {
      targets: DeviceTargets,
      /** What is to be ordered: it says which permission counts. */
      type: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    },
    { additionalProperties: false },
  ),
  response: CommandPlan,
});
export const issueCommand = defineRoute({
  name: 'issueCommand',
  method: 'POST',
  path: '/api/v1/commands',
  tag,
  access: { permission: 'commands:issue' },
  status: 201,
  summary: 'Order something from devices named one by one or by a filter',
  body: Type.Object(
    {
      type: Type.String({ minLength: 1, maxLength: 64 }),
      parameters: Type.Optional(
        Type.Record(Type.String({ maxLength: 64 }), Type.Unknown(), { maxProperties: 32 }),
      ),
      targets: DeviceTargets,
      expiresInMs: Type.Optional(ExpiresInMs),
      /** Passes in idle hours. */
      isUrgent: Type.Optional(Type.Boolean()),
      /** Repeating a request with the same key returns the first command instead of issuing another. */
      idempotencyKey: Type.Optional(Uuid),
    },
    { additionalProperties: false },
  ),
  response: Command,
});
export const listCommands = defineRoute({
  name: 'listCommands',
  method: 'GET',
  path: '/api/v1/commands',
  tag,
  isHeavy: true,
  access: { permission: 'commands:read' },
  summary: 'Command Tracking, newest first',
  query: Type.Object(
    {
      type: Type.Optional(Type.String({ maxLength: 64 })),
      deviceId: Type.Optional(Uuid),
      progress: Type.Optional(oneOf(['in-progress', 'finished', 'with-failures'] as const)),
      /** At least one device is in this state now. */
      state: Type.Optional(oneOf(commandStates)),
      /** Whole name of who issued it, without regard to case. */
      issuedBy: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })),
      /** Issued at or after this instant. */
      from: Type.Optional(Instant),
      /** Issued before this instant. */
      to: Type.Optional(Instant),
      /** Only those that try the failed devices of this command again. */
      repeatsId: Type.Optional(Uuid),
      cursor: Type.Optional(Cursor),
      limit: Type.Optional(PageLimit),
    },
    { additionalProperties: false },
  ),
  response: Type.Object({ commands: Type.Array(Command), nextCursor: Type.Union([Cursor, Type.Null()]) }),
});
export const getCommand = defineRoute({
  name: 'getCommand',
  method: 'GET',
  path: '/api/v1/commands/:commandId',
  tag,
  access: { permission: 'commands:read' },
  summary: 'A command with its counts',
  params: CommandParams,
  response: Command,
});
export const listCommandTargets = defineRoute({
  name: 'listCommandTargets',
  method: 'GET',
  path: '/api/v1/commands/:commandId/targets',
  tag,
  access: { permission: 'commands:read' },
  summary: 'A command product by product',
  params: CommandParams,
  query: Type.Object(
    {
      state: Type.Optional(oneOf(commandStates)),
      /** Only this device. */
      deviceId: Type.Optional(Uuid),
      cursor: Type.Optional(Cursor),
      limit: Type.Optional(PageLimit),
    },
    { additionalProperties: false },
  ),
  response: Type.Object({
    targets: Type.Array(CommandTarget),
    nextCursor: Type.Union([Cursor, Type.Null()]),
  }),
});
export const cancelCommand = defineRoute({
  name: 'cancelCommand',
  method: 'POST',
  path: '/api/v1/commands/:commandId/cancel',
  tag,
  access: { permission: 'commands:issue' },
  summary:
    'Cancel where it has not begun, and ask products to end what they have begun; where a product is too old for that, it goes on',
  params: CommandParams,
  response: Command,
});
export const listCommandIssuers = defineRoute({
  name: 'listCommandIssuers',
  method: 'GET',
  path: '/api/v1/command-issuers',
  tag,
  isHeavy: true,
  access: { permission: 'commands:read' },
  summary: 'Who issued the commands that the caller sees, by name; a thousand at most',
  response: Type.Object({ names: Type.Array(Type.String()) }),
});

/** Ends after which trying again makes sense. */
export const retriableStates = ['failed', 'expired', 'cancelled'] as const satisfies readonly CommandState[];
export type RetriableState = (typeof retriableStates)[number];

export const retryCommand = defineRoute({
  name: 'retryCommand',
  method: 'POST',
  path: '/api/v1/commands/:commandId/retry',
  tag,
  access: { permission: 'commands:issue' },
  status: 201,
  summary: 'Order the same again from the devices where it failed, expired or was cancelled: a new command',
  params: CommandParams,
  body: Type.Object(
    {
      /** Devices in which states; all three unless told. */
      states: Type.Optional(
        Type.Array(oneOf(retriableStates), { minItems: 1, maxItems: 3, uniqueItems: true }),
      ),
      expiresInMs: Type.Optional(ExpiresInMs),
      /** As the first one unless told. */
      isUrgent: Type.Optional(Type.Boolean()),
      /** Repeating a request with the same key returns the first command instead of issuing another. */
      idempotencyKey: Type.Optional(Uuid),
    },
    { additionalProperties: false },
  ),
  response: Command,
});
