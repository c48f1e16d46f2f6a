import type { StateMigration } from '../../platform/state-migration.ts';

export const commandMigrations: readonly StateMigration[] = [
  {
    name: 'command-run',
    oldestReader: '0.1.0',
    statements: `
      -- Of a command that has begun and is not through, what its row in "command" does not say. A reader that does not know
      -- this table leaves rows behind; they go with the command, or with the next start.
      CREATE TABLE command_run (
        command_id TEXT PRIMARY KEY REFERENCES command (id) ON DELETE CASCADE,
        -- When the server said that it is to end: it is never begun as if nothing had been said.
        cancel_asked_at INTEGER,
        -- What its handler saved for the next process, as JSON.
        saved TEXT,
        -- How far it has come, as JSON, written from time to time for people at the device.
        progress TEXT
      ) STRICT, WITHOUT ROWID;
    `,
  },
];
