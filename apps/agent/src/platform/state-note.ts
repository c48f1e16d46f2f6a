import type { StateDatabase } from './state-database.ts';

/** The single things that outlive the process, each with one owner. */
export type NoteName =
  /** How the last process ended: logs. */
  | 'run'
  /** The level that a command has set: logs. */
  | 'log-level'
  /** Encryption states of the disks, as last seen: inventory. */
  | 'disk-encryption'
  /** When the server last got the inventory: inventory. */
  | 'inventory-sent'
  /** When a second agent was last reported: run-command.ts. */
  | 'instance-refused'
  /** Since when the disk is full: disk-room. */
  | 'disk-full'
  /** What the server does not take: refusals. */
  | 'refusals'
  /** How the last look for updates ended: updates. */
  | 'update-check'
  /** Bytes that were fetched from whom: updates. */
  | 'lan-traffic'
  /** An enrolment was begun on this state file: registration. */
  | 'enrolment-begun'
  /** Where the metadata lie that are trusted since the last enrolment: registration. */
  | 'trusted-repository'
  /** What an enrolment waits for, or why it was refused: registration. */
  | 'enrolment-waiting'
  /** Another computer uses the key: registration. Until this computer has a key and a record of its own. */
  | 'key-shared';

export type StateNote = Readonly<Record<string, unknown>>;

/** Small objects as JSON. Changes belong in a transaction, so that a full disk is told as such. */
export interface StateNotes {
  /** `undefined` when there is none. The reader checks the form: an older agent may have written it. */
  find(name: NoteName): StateNote | undefined;
  save(name: NoteName, note: StateNote): void;
  remove(name: NoteName): void;
}

export function createStateNotes({ connection }: StateDatabase): StateNotes {
  return {
    find: (name) => {
      const text = connection.prepare('SELECT value FROM note WHERE name = ?').get(name)?.['value'];
      // Written by `save` from an object, and nobody else writes this table.
      return typeof text === 'string' ? (JSON.parse(text) as StateNote) : undefined;
    },
    save: (name, note) => {
      connection
        .prepare('INSERT OR REPLACE INTO note (name, value) VALUES (?, ?)')
        .run(name, JSON.stringify(note));
    },
    remove: (name) => {
      connection.prepare('DELETE FROM note WHERE name = ?').run(name);
    },
  };
}
