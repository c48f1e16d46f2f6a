-- serves: 0.1.0
-- What happened, written in the transaction in which it happened, and how far each subscriber has come.

-- Events by which nobody can find them but the dispatcher, who gives each its position once it is visible. Between two
-- events of one object the order of "seq" is the order in which they happened: the number is taken at the insert,
-- while the lock of the object is held. Therefore the sequence behind it must not hand out numbers in advance (cache 1).
create table domain_event (
  seq bigint generated always as identity,
  -- The order in which subscribers hear. Null until the dispatcher has seen the event.
  position bigint,
  -- The same for ever, also where a restored database counts "seq" and "position" anew.
  id uuid not null,
  type text not null check (type ~ '^[a-z0-9-]+(\.[a-z0-9-]+)+$' and length(type) <= 100),
  object_kind text not null check (length(object_kind) between 1 and 100),
  object_id text not null check (length(object_id) between 1 and 200),
  -- The groups that it concerns, from the top group down; null for what lies in no group. No foreign key: the event
  -- outlives the group.
  group_ids uuid[],
  data jsonb not null check (jsonb_typeof(data) = 'object' and pg_column_size(data) <= 131072),
  occurred_at timestamptz not null
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

-- Each event stands in one of the two: first in the small one, whose order is that of numbering, then in the other.
create index domain_event_unnumbered_idx on domain_event (seq) where position is null;
create unique index domain_event_position_idx on domain_event (position) where position is not null;

create sequence domain_event_position_seq;

create table domain_event_subscriber (
  name text primary key check (name ~ '^[a-z0-9-]+(\.[a-z0-9-]+)*$' and length(name) <= 100),
  -- Everything up to here is handled.
  position bigint not null check (position >= 0),
  handled_at timestamptz,
  attempts integer not null default 0 check (attempts >= 0),
  failing_since timestamptz,
  last_error text check (length(last_error) <= 500),
  next_attempt_at timestamptz,
  -- Events after the one and up to the other are gone unheard, and the subscriber has not been told yet.
  gap_after bigint,
  gap_up_to bigint,
  -- Stays, for people: when events were lost to it the last time.
  gap_at timestamptz,
  check ((gap_after is null) = (gap_up_to is null)),
  check ((attempts = 0) = (failing_since is null))
);

-- The presence that subscribers were told last, which passes over what is short: null until the first time.
alter table product_presence add column told_status text
  check (told_status in ('online', 'offline', 'service-stopped'));
