import type { Severity } from '@holdfast/protocol';

/** Where entries are kept until the server has them. The stored values are these names. */
export const JournalName = {
  /** Sent first, at once and in idle hours too, and never left out by the log level. */
  security: 'security',
  general: 'general',
} as const;
export type JournalName = (typeof JournalName)[keyof typeof JournalName];
export const journalNames: readonly JournalName[] = [JournalName.security, JournalName.general];

interface LogEventDefinition {
  readonly journal: JournalName;
  readonly severity: Severity;
  /** For people; the particulars are facts. */
  readonly text: string;
}

/** Every event that this agent reports. docs/agent.md lists them; a test holds the two together. */
export const logEvents = {
  'agent-started': { journal: 'general', severity: 'info', text: 'The agent has started.' },
  'agent-stopped': { journal: 'general', severity: 'info', text: 'The agent stops.' },
  'agent-enrolled': {
    journal: 'security',
    severity: 'notice',
    text: 'This computer was enrolled at the server.',
  },
  'handshake-made': {
    journal: 'general',
    severity: 'info',
    text: 'Agent and server agreed on how they communicate.',
  },
  'server-lost': { journal: 'general', severity: 'warning', text: 'The server does not answer.' },
  'server-found': { journal: 'general', severity: 'notice', text: 'The server answers again.' },
  'server-refuses': {
    journal: 'general',
    severity: 'warning',
    text: 'The server does not take what this agent sends.',
  },
  'server-takes-again': {
    journal: 'general',
    severity: 'notice',
    text: 'The server takes again what it had refused.',
  },
  'disk-full': {
    journal: 'general',
    severity: 'error',
    text: 'The disk on which the agent keeps its state is full or failing.',
  },
  'disk-has-room': {
    journal: 'general',
    severity: 'notice',
    text: 'The disk on which the agent keeps its state has room again.',
  },
  'clock-leapt': {
    journal: 'general',
    severity: 'warning',
    text: 'The clock leapt: it was set, or this computer slept.',
  },
  'address-changed': {
    journal: 'general',
    severity: 'info',
    text: 'The network addresses of this computer changed.',
  },
  'server-addresses-changed': {
    journal: 'security',
    severity: 'notice',
    text: 'The server told at which addresses it is to be reached from now on.',
  },
  'name-changed': { journal: 'general', severity: 'info', text: 'This computer has another name.' },
  'command-begun': { journal: 'general', severity: 'info', text: 'A command has begun.' },
  'command-ended': { journal: 'general', severity: 'info', text: 'A command has ended.' },
  'log-level-changed': { journal: 'general', severity: 'notice', text: 'The log level was changed.' },
  'listener-opened': {
    journal: 'security',
    severity: 'notice',
    text: 'The agent opened a port, at which the server calls it.',
  },
  'listener-refused': {
    journal: 'general',
    severity: 'warning',
    text: 'The server wants to call the agent at a port, and the agent did not open it.',
  },
  'state-database-repaired': {
    journal: 'security',
    severity: 'warning',
    text: 'The state file was lost or damaged and was made anew. Commands and entries in the former one are lost.',
  },
  'disk-encryption-changed': {
    journal: 'security',
    severity: 'warning',
    text: 'The encryption state of a disk changed.',
  },
  'another-instance-refused': {
    journal: 'security',
    severity: 'warning',
    text: 'A second agent on the same state folder was refused.',
  },
  'key-shared': {
    journal: 'security',
    severity: 'warning',
    text: 'The server refused this computer because another one uses the same key, probably a copy of its disk.',
  },
  'key-renewed': {
    journal: 'security',
    severity: 'notice',
    text: 'This computer made a key of its own and was admitted under it.',
  },
  'component-updated': {
    journal: 'general',
    severity: 'notice',
    text: 'A component of this computer was updated.',
  },
  'component-failed': {
    journal: 'general',
    severity: 'warning',
    text: 'A component of this computer could not be updated; what was in use before still is.',
  },
  'log-entries-dropped': {
    journal: 'general',
    severity: 'warning',
    text: 'The journal was full: entries were dropped, the oldest of the least severity first.',
  },
} as const satisfies Readonly<Record<string, LogEventDefinition>>;
export type LogEventType = keyof typeof logEvents;
