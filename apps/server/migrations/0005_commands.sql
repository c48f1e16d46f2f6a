-- Orders of administrators, and what became of each of them at each product.

create table command (
  id uuid primary key,
  type text not null check (type ~ '^[a-z][a-z0-9-]*$' and length(type) <= 64),
  title text not null check (length(title) between 1 and 200),
  parameters jsonb not null check (jsonb_typeof(parameters) = 'object'),
  -- For whom, in words, as it was when the order was given.
  target_text text not null check (length(target_text) between 1 and 400),
  issued_at timestamptz not null,
  issuer_kind text not null check (issuer_kind in ('administrator', 'api-key', 'system')),
  issuer_id text not null check (length(issuer_id) <= 200),
  issuer_name text not null check (length(issuer_name) between 1 and 300),
  -- Must not be begun later.
  expires_at timestamptz not null,
  -- When the clock next ends something of it: first what was never begun, a day later what was never reported.
  next_expiry_at timestamptz,
  idempotency_key uuid,
  -- How many of its targets are in each state, without the changes in command_count_change that wait to be added.
  queued_count integer not null default 0,
  delivered_count integer not null default 0,
  accepted_count integer not null default 0,
  running_count integer not null default 0,
  succeeded_count integer not null default 0,
  failed_count integer not null default 0,
  expired_count integer not null default 0,
  cancelled_count integer not null default 0,
  check (expires_at > issued_at)
);

create unique index command_idempotency_key_idx on command (issuer_id, idempotency_key) where idempotency_key is not null;
create index command_next_expiry_at_idx on command (next_expiry_at) where next_expiry_at is not null;
create index command_type_idx on command (type, id desc);
-- Targets only ever leave these states, so a command that is missing here has none in them.
create index command_open_idx on command (id desc)
  where queued_count + delivered_count + accepted_count + running_count > 0;

create table command_target (
  command_id uuid not null references command (id) on delete cascade,
  -- No foreign key: Command Tracking outlives the product, and a product that comes back finds its commands.
  product_number bigint not null,
  id uuid not null,
  device_id uuid not null,
  -- As it was when the order was given; shown when the device is gone.
  device_name text not null check (length(device_name) between 1 and 255),
  state text not null check (state in
    ('queued', 'delivered', 'accepted', 'running', 'succeeded', 'failed', 'expired', 'cancelled')),
  code text check (code ~ '^[A-Z][A-Z0-9_]*$' and length(code) <= 64),
  detail text not null default '' check (length(detail) <= 2000),
  -- Each state with its time and a reason, in order.
  steps jsonb not null check (jsonb_typeof(steps) = 'array' and jsonb_array_length(steps) between 1 and 8),
  result jsonb check (jsonb_typeof(result) = 'object'),
  primary key (command_id, product_number)
);

-- What a product has to fetch, in the order in which it was given: identifiers of commands grow with time.
create index command_target_open_idx on command_target (product_number, command_id) where state in ('queued', 'delivered');
create index command_target_device_id_idx on command_target (device_id, command_id desc);

-- Forwards only. Invariant: a target never leaves an end and never goes back.
create function command_state_rank(state text) returns integer language sql immutable strict parallel safe as $$
  select case state when 'queued' then 0 when 'delivered' then 1 when 'accepted' then 2 when 'running' then 3 else 4 end
$$;

create function command_target_refuse_return() returns trigger language plpgsql as $$
begin
  raise exception 'the state of a command never goes from % to %', old.state, new.state using errcode = '23514';
end
$$;

create trigger command_target_forward_only before update of state on command_target for each row
  when (old.state is distinct from new.state and command_state_rank(new.state) <= command_state_rank(old.state))
  execute function command_target_refuse_return();

-- Changes of the counts, one row for each command and statement, written in the transaction of the change itself.
-- A hundred thousand products that report one command would queue up for its one row; here each adds a row of its
-- own, and about once a second somebody adds them up. The sum of both is exact at every moment.
create table command_count_change (
  command_id uuid not null references command (id) on delete cascade,
  queued_count integer not null,
  delivered_count integer not null,
  accepted_count integer not null,
  running_count integer not null,
  succeeded_count integer not null,
  failed_count integer not null,
  expired_count integer not null,
  cancelled_count integer not null
);

create index command_count_change_command_id_idx on command_count_change (command_id);

create function command_target_count_insert() returns trigger language plpgsql as $$
begin
  insert into command_count_change
  select command_id,
    count(*) filter (where state = 'queued'), count(*) filter (where state = 'delivered'),
    count(*) filter (where state = 'accepted'), count(*) filter (where state = 'running'),
    count(*) filter (where state = 'succeeded'), count(*) filter (where state = 'failed'),
    count(*) filter (where state = 'expired'), count(*) filter (where state = 'cancelled')
  from after_rows group by command_id;
  return null;
end
$$;

create function command_target_count_update() returns trigger language plpgsql as $$
begin
  insert into command_count_change
  select command_id,
    coalesce(sum(weight) filter (where state = 'queued'), 0), coalesce(sum(weight) filter (where state = 'delivered'), 0),
    coalesce(sum(weight) filter (where state = 'accepted'), 0), coalesce(sum(weight) filter (where state = 'running'), 0),
    coalesce(sum(weight) filter (where state = 'succeeded'), 0), coalesce(sum(weight) filter (where state = 'failed'), 0),
    coalesce(sum(weight) filter (where state = 'expired'), 0), coalesce(sum(weight) filter (where state = 'cancelled'), 0)
  from (
    select command_id, state, -1 as weight from before_rows
    union all
    select command_id, state, 1 as weight from after_rows
  ) moved
  group by command_id;
  return null;
end
$$;

create trigger command_target_count_insert after insert on command_target
  referencing new table as after_rows for each statement execute function command_target_count_insert();
create trigger command_target_count_update after update on command_target
  referencing old table as before_rows new table as after_rows for each statement
  execute function command_target_count_update();
