-- serves: 0.1.0
-- What groups say about settings that groups below them inherit. One row for each group and kind of settings that it says
-- something of; what kinds there are, and their fields, is known to the server.

create table group_setting (
  group_id uuid not null references directory_group (id) on delete cascade,
  kind text not null check (kind ~ '^[a-z][a-z0-9-]{0,63}$'),
  -- Grows by one with every change; a writer names the revision that it saw.
  revision integer not null check (revision >= 1),
  -- By the name of the field. A field that is not there is inherited.
  value jsonb not null check (jsonb_typeof(value) = 'object'),
  -- Fields of which groups below cannot say something else.
  locked text[] not null default '{}',
  changed_at timestamptz not null,
  -- Absent where it was changed before there was this table, or by a release that does not know it.
  changed_by text check (length(changed_by) <= 300),
  primary key (group_id, kind)
);

create index group_setting_kind_idx on group_setting (kind);

create function group_communication_value(said group_communication) returns jsonb language sql immutable as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'heartbeatIntervalMs', said.heartbeat_interval_ms,
    'offlineTimeoutMs', said.offline_timeout_ms,
    'schedule', said.schedule,
    'mode', said.mode,
    'transport', said.transport,
    'listenerPort', said.listener_port))
$$;

insert into group_setting (group_id, kind, revision, value, changed_at)
select c.group_id, 'communication', c.revision, group_communication_value(c), c.changed_at from group_communication c;

-- Release 0.1.0 reads and writes `group_communication`. As long as it may work on this database the two tables say the same: whoever
-- writes the one finds it in the other. It knows no locks, and so does not keep to them; they stay for the release that does.
create function group_communication_to_setting() returns trigger language plpgsql as $$
begin
  insert into group_setting (group_id, kind, revision, value, changed_at)
  values (new.group_id, 'communication', new.revision, group_communication_value(new), new.changed_at)
  on conflict (group_id, kind) do update set
    revision = excluded.revision,
    value = excluded.value,
    locked = array(select name from unnest(group_setting.locked) name where excluded.value ? name),
    changed_at = excluded.changed_at,
    changed_by = null;
  return null;
end
$$;

create function group_setting_to_communication() returns trigger language plpgsql as $$
begin
  insert into group_communication (group_id, revision, heartbeat_interval_ms, offline_timeout_ms, schedule, mode, transport,
    listener_port, changed_at)
  values (new.group_id, new.revision, (new.value ->> 'heartbeatIntervalMs')::integer,
    (new.value ->> 'offlineTimeoutMs')::integer, new.value -> 'schedule', new.value ->> 'mode', new.value ->> 'transport',
    (new.value ->> 'listenerPort')::integer, new.changed_at)
  on conflict (group_id) do update set
    revision = excluded.revision,
    heartbeat_interval_ms = excluded.heartbeat_interval_ms,
    offline_timeout_ms = excluded.offline_timeout_ms,
    schedule = excluded.schedule,
    mode = excluded.mode,
    transport = excluded.transport,
    listener_port = excluded.listener_port,
    changed_at = excluded.changed_at;
  return null;
end
$$;

-- The depth tells a writer from the other trigger.
create trigger group_communication_mirror after insert or update on group_communication
  for each row when (pg_trigger_depth() = 0) execute function group_communication_to_setting();
create trigger group_setting_mirror after insert or update on group_setting
  for each row when (pg_trigger_depth() = 0 and new.kind = 'communication') execute function group_setting_to_communication();
