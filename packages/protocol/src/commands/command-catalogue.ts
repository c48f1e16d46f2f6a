import { type TSchemaOptions, Type } from 'typebox';
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
const ShutdownResult = Type.Object({
  goesDownAt: Type.Integer({
    title: 'Goes down',
    description: 'When, by the clock of the device, in milliseconds since 1970.',
    form: 'instant',
    minimum: 0,
  }),
});
const SentLogEntries = Type.Integer({ title: 'Log entries', description: 'How many were sent.', minimum: 0 });

const levelTitles = {
  error: 'Errors only',
  warn: 'Errors and warnings',
  info: 'What happens (usual)',
  debug: 'Everything, for finding faults',
};
const healthTitles = { ok: 'Well', warning: 'Warning', failed: 'Failed' };

/** One of a few words, each with what people read in its place. */
function choice<Name extends string>(titles: Readonly<Record<Name, string>>, options: TSchemaOptions) {
  const literals = Object.entries<string>(titles).map(([name, title]) => Type.Literal(name, { title }));
  return Type.Unsafe<Name>(Type.Union(literals, options));
}

/** What every agent of this version can be ordered to do. Further products bring commands of their own (`x-…`). */
export const commandCatalogue = {
  collectInventory: defineCommand({
    type: 'collect-inventory',
    title: 'Collect inventory',
    description:
      'The device reports its facts anew: system, hardware, disks and their encryption, addresses.',
    parameters: none,
    result: Type.Object({
      digest: Type.String({ title: 'Digest', description: 'Of all facts.', isDetail: true }),
      changed: Type.Boolean({
        title: 'Facts',
        whenTrue: 'changed since the last time',
        whenFalse: 'the same as the last time',
      }),
    }),
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
    result: Type.Object({
      inventory: choice(
        { sent: 'sent', unchanged: 'not sent: nothing has changed since the last time' },
        { title: 'Inventory' },
      ),
      logEntries: SentLogEntries,
    }),
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
      overall: choice(healthTitles, { title: 'Overall' }),
      checks: Type.Array(
        Type.Object({
          name: Type.String({ title: 'What was looked at' }),
          state: choice(healthTitles, { title: 'State' }),
          text: Type.String({ title: 'What was found' }),
        }),
        { title: 'Checks', form: 'checks' },
      ),
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
    result: Type.Object({ logEntries: SentLogEntries }),
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
        level: choice(levelTitles, { title: 'Level', default: 'debug' }),
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
      from: choice(levelTitles, { title: 'Before' }),
      to: choice(levelTitles, { title: 'Now' }),
      forMinutes: Type.Optional(Type.Integer({ title: 'For', unit: 'min', minimum: 1 })),
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
    result: Type.Object({
      transport: choice(
        { 'udp-acknowledged': 'UDP, acknowledged', udp: 'UDP, one way', https: 'HTTPS' },
        { title: 'Transport', description: 'How heartbeats travel from now on.' },
      ),
    }),
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
    result: Type.Object({ version: Type.String({ title: 'Version' }) }),
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
      users: Type.Array(
        Type.Object({
          name: Type.String({ title: 'Name' }),
          ways: Type.Array(Type.String(), {
            title: 'Ways',
            description: 'How it was shown there: `terminal`, `desktop`.',
            whenEmpty: 'could not be shown',
          }),
        }),
        {
          title: 'Shown to',
          description: 'Who was signed in.',
          whenEmpty: 'nobody: nobody was signed in',
        },
      ),
    }),
    lane: 'quick',
    reach: 'disruptive',
    permission: 'commands:issue',
    defaultExpiryMs: HOUR_MS,
  }),
  lockScreens: defineCommand({
    type: 'lock-screens',
    title: 'Lock the screens',
    description:
      'Whoever is signed in at a screen of the device has to unlock it again. Work goes on behind the lock.',
    parameters: Type.Object({}, closed),
    result: Type.Object({
      users: Type.Array(Type.String(), {
        title: 'Locked for',
        description: 'Who was signed in at a screen.',
        whenEmpty: 'nobody: nobody was signed in at a screen',
      }),
    }),
    lane: 'quick',
    reach: 'disruptive',
    permission: 'commands:issue',
    defaultExpiryMs: HOUR_MS,
  }),
  updateNow: defineCommand({
    type: 'update-now',
    title: 'Update now',
    description:
      'The device looks for updates of its components and installs them, without waiting for its next turn or for what has failed before.',
    parameters: Type.Object(
      {
        components: Type.Optional(
          Type.String({
            title: 'Components',
            description: 'Their ids, with commas between them. Empty: all that the device has.',
            minLength: 1,
            maxLength: 2_000,
          }),
        ),
      },
      closed,
    ),
    result: Type.Object({
      components: Type.Array(
        Type.Object({
          component: Type.String({ title: 'Component' }),
          state: choice(
            {
              updated: 'updated',
              'up-to-date': 'was up to date',
              held: 'held back by the server',
              failed: 'failed',
            },
            { title: 'State' },
          ),
          release: Type.Optional(Type.Integer({ title: 'Release', minimum: 1 })),
          reason: Type.Optional(Type.String({ title: 'Reason' })),
        }),
        { title: 'Components', whenEmpty: 'none: there is nothing for this device' },
      ),
    }),
    lane: 'update',
    reach: 'harmless',
    permission: 'commands:issue',
    defaultExpiryMs: DAY_MS,
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
