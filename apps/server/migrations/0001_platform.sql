-- What every module of the server leans on: the administrators' audit log, background jobs, settings.

-- Append-only log of what administrators, products and the server itself did. Rows are never changed and
-- never removed: the trigger below refuses it, and each row carries the hash of the one before it.
create table audit_entry (
  id uuid primary key,
  seq bigint generated always as identity unique,
  occurred_at timestamptz not null,
  actor_kind text not null check (actor_kind in ('administrator', 'api-key', 'product', 'system', 'anonymous')),
  actor_id text check (length(actor_id) <= 200),
  -- The name at the time of the act; the account may be renamed or removed later.
  actor_name text not null check (length(actor_name) between 1 and 300),
  action text not null check (action ~ '^[a-z0-9-]+(\.[a-z0-9-]+)+$' and length(action) <= 100),
  object_kind text check (length(object_kind) <= 100),
  object_id text check (length(object_id) <= 200),
  object_name text check (length(object_name) <= 500),
  -- The group whose administrators may read the entry. No foreign key: the log outlives the group.
  scope_group_id uuid,
  details jsonb not null default '{}' check (jsonb_typeof(details) = 'object'),
  request_id text check (length(request_id) <= 100),
  remote_address inet,
  -- Absent on the very first entry only.
  previous_hash bytea check (length(previous_hash) = 32),
  entry_hash bytea not null check (length(entry_hash) = 32),
  check (object_kind is not null or object_id is null)
);

create index audit_entry_occurred_at_idx on audit_entry (occurred_at desc, seq desc);
create index audit_entry_object_idx on audit_entry (object_kind, object_id, seq desc);
create index audit_entry_actor_idx on audit_entry (actor_id, seq desc);
create index audit_entry_scope_idx on audit_entry (scope_group_id, seq desc);

create function audit_entry_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'audit entries are never changed or removed' using errcode = '23001';
end
$$;

create trigger audit_entry_append_only before update or delete on audit_entry
  for each row execute function audit_entry_refuse_change();
create trigger audit_entry_no_truncate before truncate on audit_entry
  for each statement execute function audit_entry_refuse_change();

-- Background jobs. A worker claims with FOR UPDATE SKIP LOCKED, sets locked_until, and clears it when done;
-- a job whose locked_until has passed belonged to a worker that died and is claimed again.
create table job (
  id uuid primary key,
  kind text not null check (kind ~ '^[a-z0-9-]+(\.[a-z0-9-]+)*$' and length(kind) <= 100),
  payload jsonb not null default '{}',
  -- At most one unfinished job of a kind carries the same key.
  unique_key text check (length(unique_key) <= 300),
  created_at timestamptz not null,
  run_at timestamptz not null,
  attempts integer not null default 0 check (attempts >= 0),
  max_attempts integer not null default 10 check (max_attempts between 1 and 1000),
  locked_until timestamptz,
  last_error text,
  finished_at timestamptz,
  outcome text check (outcome in ('succeeded', 'failed')),
  check ((finished_at is null) = (outcome is null))
);

create unique index job_unique_key_idx on job (kind, unique_key) where finished_at is null and unique_key is not null;
create index job_run_at_idx on job (run_at) where finished_at is null;
create index job_finished_at_idx on job (finished_at) where finished_at is not null;

create table setting (
  key text primary key check (key ~ '^[a-z0-9-]+(\.[a-z0-9-]+)*$' and length(key) <= 100),
  value jsonb not null,
  -- Grows by one with every change; a writer names the revision that it saw.
  revision integer not null check (revision >= 1),
  changed_at timestamptz not null,
  changed_by text
);
