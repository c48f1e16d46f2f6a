-- serves: 0.1.0
-- Who gets a new release of a component, and when.

create table component_plan (
  id uuid primary key,
  name text not null check (length(name) between 1 and 128),
  name_key text not null unique check (length(name_key) between 1 and 400),
  stages jsonb not null check (jsonb_typeof(stages) = 'array'),
  created_at timestamptz not null,
  revision integer not null default 1 check (revision >= 1)
);

-- A component without a row is deployed immediately.
create table component_deployment (
  component_id text primary key references component (id) on delete cascade,
  mode text not null check (mode in ('never', 'by-plan')),
  plan_id uuid references component_plan (id),
  -- What everybody may have; 0 for none.
  allowed_release bigint not null check (allowed_release between 0 and 9007199254740991),
  check ((plan_id is not null) = (mode = 'by-plan'))
);

create index component_deployment_plan_id_idx on component_deployment (plan_id) where plan_id is not null;

create table component_rollout (
  id uuid primary key,
  component_id text not null references component (id) on delete cascade,
  release bigint not null check (release between 1 and 9007199254740991),
  plan_name text not null check (length(plan_name) between 1 and 128),
  state text not null check (state in ('running', 'stopped', 'done', 'replaced')),
  started_at timestamptz not null,
  ended_at timestamptz,
  check ((ended_at is not null) = (state in ('done', 'replaced')))
);

create unique index component_rollout_unfinished_idx on component_rollout (component_id)
  where state in ('running', 'stopped');
create index component_rollout_started_at_idx on component_rollout (started_at desc, id desc);

-- How fast files go to products, in bytes a second; null for as fast as the server has time for. At most one row.
create table component_rate (
  is_only boolean primary key default true check (is_only),
  all_per_second bigint check (all_per_second between 1024 and 1000000000000),
  each_per_second bigint check (each_per_second between 1024 and 1000000000000),
  revision integer not null check (revision >= 1)
);

create table component_rollout_stage (
  rollout_id uuid not null references component_rollout (id) on delete cascade,
  position smallint not null check (position >= 1),
  -- Without a foreign key: a group that is gone has no devices.
  group_id uuid not null,
  due_at timestamptz not null,
  success_percent smallint not null check (success_percent between 0 and 100),
  failure_percent smallint check (failure_percent between 0 and 100),
  begun_at timestamptz,
  passed_at timestamptz,
  -- Failures that somebody has seen and let it go on with.
  tolerated_failures integer not null default 0 check (tolerated_failures >= 0),
  primary key (rollout_id, position),
  check (begun_at is not null or passed_at is null)
);
