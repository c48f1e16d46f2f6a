-- serves: 0.1.0
-- Durable jobs (docs/jobs.md): background work of the server that outlives the process. The table that 0001 made for them was never used.

drop table job;

create table job (
  id uuid primary key,
  kind text not null check (kind ~ '^[a-z0-9-]+(\.[a-z0-9-]+)*$' and length(kind) <= 100),
  payload jsonb not null check (jsonb_typeof(payload) = 'object' and length(payload::text) <= 65536),
  -- At most one unfinished job of a kind carries the same key.
  unique_key text check (length(unique_key) between 1 and 300),
  -- `failed` is tried again at run_at; `dead` was given up and waits for an administrator.
  state text not null
    check (state in ('waiting', 'running', 'cancelling', 'failed', 'succeeded', 'cancelled', 'dead')),
  -- Who asked for it; absent: the server itself.
  requested_by text check (length(requested_by) between 1 and 300),
  created_at timestamptz not null,
  run_at timestamptz not null,
  attempts integer not null default 0 check (attempts >= 0),
  max_attempts integer not null check (max_attempts between 1 and 1000),
  -- Names the attempt that holds the job. Invariant: only who names it writes progress or an end.
  lease_token uuid,
  -- Grows while the worker lives. A lease that stands still belonged to a worker that is gone; no clock is compared.
  lease_renewals integer not null default 0,
  started_at timestamptz,
  finished_at timestamptz,
  progress_done bigint check (progress_done >= 0),
  progress_total bigint check (progress_total >= 0),
  progress_text text check (length(progress_text) <= 200),
  result jsonb check (jsonb_typeof(result) = 'object' and length(result::text) <= 16384),
  -- Of the last attempt that failed.
  error_code text check (length(error_code) <= 100),
  error_message text check (length(error_message) <= 2000),
  check ((lease_token is not null) or state not in ('running', 'cancelling')),
  check ((finished_at is not null) = (state in ('succeeded', 'cancelled', 'dead')))
);

create unique index job_unique_key_idx on job (kind, unique_key) where finished_at is null and unique_key is not null;
create index job_run_at_idx on job (kind, run_at, id) where state in ('waiting', 'failed');
create index job_leased_idx on job (id) where state in ('running', 'cancelling');
create index job_finished_at_idx on job (finished_at) where finished_at is not null;
create index job_state_idx on job (state, id);
create index job_kind_idx on job (kind, id);

-- When the kinds that have a schedule run next. The schedules themselves are code; here stands how far each has come.
create table job_schedule (
  kind text primary key check (kind ~ '^[a-z0-9-]+(\.[a-z0-9-]+)*$' and length(kind) <= 100),
  cron text not null check (length(cron) <= 200),
  time_zone text not null check (length(time_zone) <= 100),
  -- Absent: the expression names no moment that is still to come.
  next_run_at timestamptz,
  -- Every moment of the schedule up to here is done with: it ran, was missed, or lay in a pause.
  settled_until timestamptz not null,
  paused_at timestamptz,
  paused_by text check (length(paused_by) between 1 and 300),
  check (paused_by is null or paused_at is not null)
);
