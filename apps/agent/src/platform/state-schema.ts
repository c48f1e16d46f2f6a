/**
 * The tables of the state database as release 0.1.0 has them, one entry for each value of `PRAGMA user_version` that it knows.
 * The list is closed: what came later are migrations of the modules, see state-migration.ts. Every module owns the tables
 * with its prefix, and only it writes them.
 *
 * Times are milliseconds since the Unix epoch by the device's own clock, unless a comment says otherwise.
 */
export const stateSchema: readonly string[] = [
  `
  -- At most one row: to which server this agent belongs.
  CREATE TABLE registration (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    addresses TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    -- PEM of the only certificate authority that this agent trusts.
    authority_certificate TEXT NOT NULL,
    key_thumbprint TEXT NOT NULL,
    product_number INTEGER NOT NULL CHECK (product_number > 0),
    device_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    group_path TEXT NOT NULL,
    receipt TEXT NOT NULL,
    -- Number of the last handshake; 0 before the first.
    epoch INTEGER NOT NULL,
    registered_at INTEGER NOT NULL
  ) STRICT;

  -- At most one row: how communication stands. Written when it changes, for people.
  CREATE TABLE connection (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    phase TEXT NOT NULL,
    transport TEXT NOT NULL,
    transport_reason TEXT NOT NULL,
    server_address TEXT NOT NULL,
    -- Server time minus our time, as the last handshake told.
    clock_offset_ms INTEGER NOT NULL,
    last_contact_at INTEGER,
    last_failure_code TEXT,
    last_failure_at INTEGER
  ) STRICT;

  -- Every command that was received, kept after its end so that the same id never acts twice.
  CREATE TABLE command (
    id TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    parameters TEXT NOT NULL,
    -- Server time.
    expires_at INTEGER NOT NULL,
    -- received: the server does not know yet that it is accepted, and may still cancel it. ready: it does, and cannot.
    state TEXT NOT NULL CHECK (state IN ('received', 'ready', 'begun', 'finished')),
    received_at INTEGER NOT NULL,
    -- How often it was begun; a command that fells the agent again and again is given up.
    attempts INTEGER NOT NULL DEFAULT 0,
    finished_at INTEGER,
    -- The report of its end, without a large result: said again when the server asks again.
    final_report TEXT,
    CHECK ((state = 'finished') = (final_report IS NOT NULL))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX command_state_idx ON command (state, received_at);

  -- Reports that the server has not acknowledged yet, oldest first.
  CREATE TABLE outbox (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    command_id TEXT NOT NULL,
    state TEXT NOT NULL,
    -- 0 progress, 1 what must arrive. The lower one is dropped first.
    priority INTEGER NOT NULL CHECK (priority IN (0, 1)),
    body TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (command_id, state)
  ) STRICT;
  -- Answers count, size and the oldest of a priority without touching the bodies.
  CREATE INDEX outbox_priority_idx ON outbox (priority, sequence, bytes);

  -- At most one row: what the outbox had to drop, ever.
  CREATE TABLE outbox_loss (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    dropped_count INTEGER NOT NULL,
    last_dropped_at INTEGER NOT NULL
  ) STRICT;
  `,
  `
  -- One row for each journal of log entries.
  CREATE TABLE log_journal (
    name TEXT PRIMARY KEY CHECK (name IN ('security', 'general')),
    -- UUID that names it to the server, which keeps the highest sequence it has of it.
    id TEXT NOT NULL,
    last_sequence INTEGER NOT NULL DEFAULT 0,
    -- Kept by the triggers below.
    entry_count INTEGER NOT NULL DEFAULT 0,
    entry_bytes INTEGER NOT NULL DEFAULT 0,
    dropped_count INTEGER NOT NULL DEFAULT 0,
    -- Dropped since the last entry that says so.
    unsaid_count INTEGER NOT NULL DEFAULT 0,
    unsaid_first_at INTEGER,
    unsaid_last_at INTEGER
  ) STRICT, WITHOUT ROWID;

  -- Log entries that the server has not acknowledged yet.
  CREATE TABLE log_entry (
    journal TEXT NOT NULL REFERENCES log_journal (name),
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    -- Place of the severity in the protocol's list; one above it for the entry that says what was dropped.
    rank INTEGER NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (journal, sequence)
  ) STRICT, WITHOUT ROWID;
  -- Answers which entry is dropped first.
  CREATE INDEX log_entry_rank_idx ON log_entry (journal, rank, sequence);
  CREATE TRIGGER log_entry_added AFTER INSERT ON log_entry BEGIN
    UPDATE log_journal SET entry_count = entry_count + 1, entry_bytes = entry_bytes + NEW.bytes
      WHERE name = NEW.journal;
  END;
  CREATE TRIGGER log_entry_removed AFTER DELETE ON log_entry BEGIN
    UPDATE log_journal SET entry_count = entry_count - 1, entry_bytes = entry_bytes - OLD.bytes
      WHERE name = OLD.journal;
  END;

  -- Single things that outlive the process, as JSON: see state-note.ts.
  CREATE TABLE note (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Whether and how the server can call this agent, as it was settled last, and why so.
  ALTER TABLE connection ADD COLUMN mode TEXT NOT NULL DEFAULT 'one-way';
  ALTER TABLE connection ADD COLUMN mode_reason TEXT NOT NULL DEFAULT '';
  `,
  `
  -- Highest sequence of the journal that a server has acknowledged; 0 before the first time.
  ALTER TABLE log_journal ADD COLUMN acknowledged_sequence INTEGER NOT NULL DEFAULT 0;
  `,
];
