import { Type } from 'typebox';
import { type CommandDefinition, defineCommand } from './command-definition.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const closed = { additionalProperties: false } as const;
const none = Type.Object({}, closed);

/** Time in which the person at the device can save their work before it goes down; 0: at once. */
const DelaySeconds = Type.Optional(
  Type.Integer({
    title: 'Delay',
    description: 'Time for the person at the device to save their work. It is announced there at once.',
    unit: 's',
    isDelay: true,
    minimum: 0,
    maximum: 86_400,
    default: 60,
  }),
);
const ShutdownMessage = Type.Optional(
  Type.String({
    title: 'Message',
    description: 'Why, for the person at the device.',
    minLength: 1,
    maxLength: 500,
  }),
);
/** When the device goes down, by its own clock, in milliseconds since 1970. */
const ShutdownResult = Type.Object({ goesDownAt: Type.Integer({ minimum: 0 }) });

/** What every agent of this version can be ordered to do. Further products bring commands of their own (`x-…`). */
export const commandCatalogue = {
  collectInventory: defineCommand({
    type: 'collect-inventory',
    title: 'Collect inventory',
    description:
      'The device reports its facts anew: system, hardware, disks and their encryption, addresses.',
    parameters: none,
    result: Type.Object({ digest: Type.String(), changed: Type.Boolean() }),
    lane: 'quick',
    reach: 'harmless',
    permission: 'commands:issue',
    defaultExpiryMs: DAY_MS,
  }),
  synchroniseNow: defineCommand({
    type: 'synchronise-now',
    title: 'Synchronise now',
    description:
      'The device sends what it has kept and fetches what waits for it, without waiting for its next turn.',
    parameters: none,
    result: Type.Object({ inventory: Type.String(), logEntries: Type.Integer({ minimum: 0 }) }),
    lane: 'quick',
    reach: 'harmless',
    permission: 'commands:issue',
    defaultExpiryMs: DAY_MS,
  }),
  runHealthCheck: defineCommand({
    type: 'run-health-check',
    title: 'Run a health check',
    description:
      'The device looks after itself: its state on disk, its clock, its way to the server, its free space.',
    parameters: none,
    result: Type.Object({
      overall: Type.String(),
      checks: Type.Array(Type.Object({ name: Type.String(), state: Type.String(), text: Type.String() })),
    }),
    lane: 'quick',
    reach: 'harmless',
    permission: 'commands:issue',
    defaultExpiryMs: HOUR_MS,
  }),
  uploadLogs: defineCommand({
    type: 'upload-logs',
    title: 'Upload logs now',
    description: 'The device sends the log entries that it has kept.',
    parameters: none,
    result: Type.Object({ logEntries: Type.Integer({ minimum: 0 }) }),
    lane: 'quick',
    reach: 'harmless',
    permission: 'commands:issue',
    defaultExpiryMs: DAY_MS,
  }),
  setLogLevel: defineCommand({
    type: 'set-log-level',
    title: 'Set log level',
    description:
      'How much the agent writes into its log on the device, for a time or until it is changed again.',
    parameters: Type.Object(
      {
        level: Type.Union(
          [
            Type.Literal('error', { title: 'Errors only' }),
            Type.Literal('warn', { title: 'Errors and warnings' }),
            Type.Literal('info', { title: 'What happens (usual)' }),
            Type.Literal('debug', { title: 'Everything, for finding faults' }),
          ],
          { title: 'Level', default: 'debug' },
        ),
        forMinutes: Type.Optional(
          Type.Integer({
            title: 'For',
            description: 'After this time the level is what it was. Empty: until it is changed again.',
            unit: 'min',
            minimum: 1,
            maximum: 1_440,
          }),
        ),
      },
      closed,
    ),
    result: Type.Object({
      from: Type.String(),
      to: Type.String(),
      forMinutes: Type.Optional(Type.Integer()),
    }),
    lane: 'quick',
    reach: 'harmless',
    permission: 'commands:issue',
    defaultExpiryMs: DAY_MS,
  }),
  handshakeAgain: defineCommand({
    type: 'handshake-again',
    title: 'Handshake again',
    description: 'The device settles anew how it communicates with the server: transport, mode and times.',
    parameters: none,
    result: Type.Object({ transport: Type.String() }),
    lane: 'quick',
    reach: 'harmless',
    permission: 'commands:issue',
    defaultExpiryMs: DAY_MS,
  }),
  restartAgent: defineCommand({
    type: 'restart-agent',
    title: 'Restart agent',
    description: 'The agent ends and is started again by its service. The device is away for some seconds.',
    parameters: none,
    result: Type.Object({ version: Type.String() }),
    lane: 'system',
    reach: 'disruptive',
    permission: 'commands:issue',
    defaultExpiryMs: HOUR_MS,
  }),
  showMessage: defineCommand({
    type: 'show-message',
    title: 'Show a message to the user',
    description: 'Whoever is signed in at the device sees a title and a text.',
    parameters: Type.Object(
      {
        title: Type.String({ title: 'Title', minLength: 1, maxLength: 100 }),
        text: Type.String({ title: 'Text', minLength: 1, maxLength: 2_000, isLong: true }),
      },
      closed,
    ),
    result: Type.Object({
      /** Who was signed in. Empty: nobody, and nothing was shown. */
      users: Type.Array(
        Type.Object({
          name: Type.String(),
          /** How it was shown there: `terminal`, `desktop`. Empty: it could not be shown. */
          ways: Type.Array(Type.String()),
        }),
      ),
    }),
    lane: 'quick',
    reach: 'disruptive',
    permission: 'commands:issue',
    defaultExpiryMs: HOUR_MS,
  }),
  restartComputer: defineCommand({
    type: 'restart-computer',
    title: 'Restart computer',
    description:
      'The device restarts after a delay that is announced to whoever is signed in. Work that is not saved is lost.',
    parameters: Type.Object({ delaySeconds: DelaySeconds, message: ShutdownMessage }, closed),
    result: ShutdownResult,
    lane: 'system',
    reach: 'disruptive',
    permission: 'commands:issue',
    defaultExpiryMs: HOUR_MS,
  }),
  shutDownComputer: defineCommand({
    type: 'shut-down-computer',
    title: 'Shut down computer',
    description:
      'The device shuts down after a delay that is announced to whoever is signed in. Somebody has to switch it on again.',
    parameters: Type.Object({ delaySeconds: DelaySeconds, message: ShutdownMessage }, closed),
    result: ShutdownResult,
    lane: 'system',
    reach: 'destructive',
    permission: 'commands:issue',
    defaultExpiryMs: HOUR_MS,
  }),
} as const satisfies Readonly<Record<string, CommandDefinition>>;

/** Every definition of the catalogue, in the order in which people see them. */
export const commandDefinitions: readonly CommandDefinition[] = Object.values(commandCatalogue);
