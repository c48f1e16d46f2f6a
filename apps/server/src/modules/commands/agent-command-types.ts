import { Type } from 'typebox';
import type { CommandTypeDefinition } from './command-types.ts';

const none = Type.Object({}, { additionalProperties: false });
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Levels of the log that an agent writes on its device, from least to most talkative. */
const logLevels = ['error', 'warn', 'info', 'debug'] as const;

/** What every agent can be ordered to do. */
export const agentCommandTypes: readonly CommandTypeDefinition[] = [
  {
    type: 'collect-inventory',
    title: 'Collect inventory',
    description:
      'The device reports its facts anew: system, hardware, disks and their encryption, addresses.',
    parametersSchema: none,
    isDangerous: false,
    defaultExpiryMs: DAY_MS,
  },
  {
    type: 'synchronise-now',
    title: 'Synchronise now',
    description:
      'The device sends what it has kept and fetches what waits for it, without waiting for its next turn.',
    parametersSchema: none,
    isDangerous: false,
    defaultExpiryMs: DAY_MS,
  },
  {
    type: 'run-health-check',
    title: 'Run a health check',
    description:
      'The device looks after itself: its state on disk, its clock, its way to the server, its free space.',
    parametersSchema: none,
    isDangerous: false,
    defaultExpiryMs: HOUR_MS,
  },
  {
    type: 'upload-logs',
    title: 'Upload logs now',
    description: 'The device sends the log entries that it has kept.',
    parametersSchema: none,
    isDangerous: false,
    defaultExpiryMs: DAY_MS,
  },
  {
    type: 'set-log-level',
    title: 'Set log level',
    description:
      'How much the agent writes into its log on the device, for a time or until it is changed again.',
    parametersSchema: Type.Object(
      {
        level: Type.Union(logLevels.map((level) => Type.Literal(level))),
        /** Minutes after which the level is what it was; until changed when absent. */
        forMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_440 })),
      },
      { additionalProperties: false },
    ),
    isDangerous: false,
    defaultExpiryMs: DAY_MS,
  },
  {
    type: 'handshake-again',
    title: 'Handshake again',
    description: 'The device settles anew how it communicates with the server: transport, mode and times.',
    parametersSchema: none,
    isDangerous: false,
    defaultExpiryMs: DAY_MS,
  },
  {
    type: 'restart-agent',
    title: 'Restart agent',
    description: 'The agent ends and is started again by its service. The device is away for some seconds.',
    parametersSchema: none,
    isDangerous: false,
    defaultExpiryMs: HOUR_MS,
  },
];
