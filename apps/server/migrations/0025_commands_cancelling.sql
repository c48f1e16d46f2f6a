-- serves: 0.1.0
-- Ending what a product has begun: `cancelling` stands between running and the ends, until the product has said what it came to.

alter table command_target drop constraint command_target_state_check;
alter table command_target add constraint command_target_state_check check (state in
  ('queued', 'delivered', 'accepted', 'running', 'cancelling', 'succeeded', 'failed', 'expired', 'cancelled'));

create or replace function command_state_rank(state text) returns integer language sql immutable strict parallel safe as $$
  select case state when 'queued' then 0 when 'delivered' then 1 when 'accepted' then 2 when 'running' then 3
    when 'cancelling' then 4 else 5 end
$$;

create or replace function command_target_refuse_return() returns trigger language plpgsql as $$
begin
  -- A release that does not know `cancelling` takes a repeated report for news. What it would write is left out, so that the
  -- product need not repeat its reports for ever.
  if old.state = 'cancelling' and new.state in ('accepted', 'running') then
    return null;
  end if;
  raise exception 'the state of a command never goes from % to %', old.state, new.state using errcode = '23514';
end
$$;

alter table command add column cancelling_count integer not null default 0;
alter table command_count_change add column cancelling_count integer not null default 0;

create or replace function command_target_count_insert() returns trigger language plpgsql as $$
begin
  insert into command_count_change (command_id, queued_count, delivered_count, accepted_count, running_count, cancelling_count,
    succeeded_count, failed_count, expired_count, cancelled_count)
  select command_id,
    count(*) filter (where state = 'queued'), count(*) filter (where state = 'delivered'),
    count(*) filter (where state = 'accepted'), count(*) filter (where state = 'running'),
    count(*) filter (where state = 'cancelling'), count(*) filter (where state = 'succeeded'),
    count(*) filter (where state = 'failed'), count(*) filter (where state = 'expired'),
    count(*) filter (where state = 'cancelled')
  from after_rows group by command_id;
  return null;
end
$$;

create or replace function command_target_count_update() returns trigger language plpgsql as $$
begin
  insert into command_count_change (command_id, queued_count, delivered_count, accepted_count, running_count, cancelling_count,
    succeeded_count, failed_count, expired_count, cancelled_count)
  select command_id,
    coalesce(sum(weight) filter (where state = 'queued'), 0), coalesce(sum(weight) filter (where state = 'delivered'), 0),
    coalesce(sum(weight) filter (where state = 'accepted'), 0), coalesce(sum(weight) filter (where state = 'running'), 0),
    coalesce(sum(weight) filter (where state = 'cancelling'), 0), coalesce(sum(weight) filter (where state = 'succeeded'), 0),
    coalesce(sum(weight) filter (where state = 'failed'), 0), coalesce(sum(weight) filter (where state = 'expired'), 0),
    coalesce(sum(weight) filter (where state = 'cancelled'), 0)
  from (
    select command_id, state, -1 as weight from before_rows
    union all
    select command_id, state, 1 as weight from after_rows
  ) moved
  group by command_id
  -- Where only one state is seen, nothing has moved: a product has told how far it is.
  having min(state) <> max(state);
  return null;
end
$$;

-- What a product has to be told: what it is to fetch, and what it is to end.
create index command_target_waiting_idx on command_target (product_number, command_id)
  where state in ('queued', 'delivered', 'cancelling');
drop index command_target_open_idx;

create index command_in_progress_idx on command (id desc)
  where queued_count + delivered_count + accepted_count + running_count + cancelling_count > 0;
drop index command_open_idx;
