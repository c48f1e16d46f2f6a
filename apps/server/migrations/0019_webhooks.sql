-- serves: 0.1.0
-- Webhooks: to whom events are sent, and what came of the last messages. How far each has come stands with the
-- subscribers of events.

create table webhook (
  id uuid primary key,
  name text not null check (length(name) between 1 and 128),
  -- As names are compared: without regard to case.
  name_key text collate "C" not null unique,
  url text not null check (length(url) between 1 and 2000),
  -- Types of events, `object.*` or `*`.
  event_patterns text[] not null check (cardinality(event_patterns) between 1 and 100),
  -- What the one who chose them may read: a pattern brings nothing beyond it, also where a later release has more types.
  permissions text[] not null,
  -- No foreign key: without its group a webhook hears nothing, and must not hear everything.
  group_id uuid,
  allows_private boolean not null,
  -- Sealed with a key that lies outside the database.
  sealed_secret bytea not null,
  previous_sealed_secret bytea,
  previous_secret_until timestamptz,
  state text not null default 'active' check (state in ('active', 'paused', 'disabled')),
  disabled_reason text check (length(disabled_reason) <= 500),
  revision integer not null default 1 check (revision >= 1),
  created_at timestamptz not null,
  created_by text not null check (length(created_by) between 1 and 300),
  check ((state = 'disabled') = (disabled_reason is not null)),
  check ((previous_sealed_secret is null) = (previous_secret_until is null))
);

create table webhook_delivery (
  id uuid primary key,
  webhook_id uuid not null references webhook (id) on delete cascade,
  message_id text not null check (length(message_id) between 1 and 100),
  kind text not null check (kind in ('events', 'test', 'repeat')),
  event_count integer not null check (event_count >= 1),
  event_types text[] not null,
  -- The very bytes that were sent, so that they can be sent again.
  body text not null check (length(body) <= 1000000),
  started_at timestamptz not null,
  duration_ms integer not null check (duration_ms >= 0),
  status integer,
  -- Null when it was delivered.
  error text check (length(error) <= 500)
);

create index webhook_delivery_webhook_id_idx on webhook_delivery (webhook_id, started_at desc, id desc);
