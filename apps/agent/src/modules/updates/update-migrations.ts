import type { StateMigration } from '../../platform/state-migration.ts';

export const updateMigrations: readonly StateMigration[] = [
  {
    name: 'components',
    oldestReader: '0.1.0',
    statements: `
      -- What this computer has of each component, and how far the switch to another release has come.
      CREATE TABLE component (
        id TEXT PRIMARY KEY,
        -- What signed metadata say of it, as JSON: a switch is brought to its end without them.
        description TEXT NOT NULL,
        -- In use; NULL: none.
        release INTEGER,
        version TEXT,
        -- To which one can go back; NULL: to what there was before the first.
        previous_release INTEGER,
        previous_version TEXT,
        -- Verified and on the disk, to be switched to.
        next_release INTEGER,
        next_version TEXT,
        -- The newest that this computer may have, as far as it knows.
        target_release INTEGER,
        step TEXT NOT NULL CHECK (step IN ('rest', 'staged', 'switching', 'on-trial', 'going-back')),
        -- Why the last attempt failed; NULL where it did not.
        failed_release INTEGER,
        failure_code TEXT,
        failure_text TEXT,
        changed_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      -- How long something that failed is left alone: a release, or a source of one.
      CREATE TABLE component_cool_down (
        component_id TEXT NOT NULL,
        -- 'switch', or the name of a source.
        about TEXT NOT NULL,
        release INTEGER NOT NULL,
        failures INTEGER NOT NULL,
        not_before INTEGER NOT NULL,
        PRIMARY KEY (component_id, about)
      ) STRICT, WITHOUT ROWID;
    `,
  },
];
