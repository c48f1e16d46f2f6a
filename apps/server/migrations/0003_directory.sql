-- The one tree of groups, the devices in it, the managed products on them, and how alive each of them is.

-- What was removed and can be restored. The thing itself stays in its own table and points here.
create table recycled_item (
  id uuid primary key,
  kind text not null check (kind in ('group', 'device')),
  object_id uuid not null,
  name text not null check (length(name) between 1 and 300),
  -- Where it was, for people: names from below the top group down.
  path text[] not null,
  -- Ids from the top group down to the group that held it: what decides who sees the item.
  scope_path uuid[] not null check (cardinality(scope_path) >= 1),
  device_count integer not null check (device_count >= 0),
  group_count integer not null check (group_count >= 0),
  removed_at timestamptz not null,
  removed_by text not null check (length(removed_by) between 1 and 300)
);

create index recycled_item_removed_at_idx on recycled_item (removed_at desc, id desc);
create index recycled_item_object_id_idx on recycled_item (object_id);

create table directory_group (
  id uuid primary key,
  parent_id uuid references directory_group (id),
  name text not null check (length(name) between 1 and 200),
  -- The name as it is compared and sorted: made by the server, so that no database's rules of language matter.
  name_key text collate "C" not null,
  -- Ids from the top group down to this one, and the names of all but the top group.
  path uuid[] not null,
  names text[] not null,
  depth smallint not null check (depth between 0 and 16),
  -- Grows with every change of name or place; a writer names the one that it saw.
  revision integer not null default 1 check (revision >= 1),
  is_fixed boolean not null default false,
  -- Set while the group lies in the recycle bin.
  removed_item_id uuid references recycled_item (id),
  check ((parent_id is null) = (depth = 0)),
  check (cardinality(path) = depth + 1 and path[depth + 1] = id),
  check (cardinality(names) = depth),
  check (removed_item_id is null or not is_fixed)
);

create unique index directory_group_top_idx on directory_group ((true)) where parent_id is null;
create unique index directory_group_sibling_idx on directory_group (parent_id, name_key) where removed_item_id is null;
create index directory_group_path_idx on directory_group using gin (path);
create index directory_group_removed_item_id_idx on directory_group (removed_item_id) where removed_item_id is not null;

-- The two groups that always exist. Their ids are the same on every server, so that a product that comes back to
-- a server with an empty database finds its group there.
insert into directory_group (id, parent_id, name, name_key, path, names, depth, is_fixed) values
  ('00000000-0000-7000-8000-000000000001', null, 'All devices', 'all devices',
   array['00000000-0000-7000-8000-000000000001']::uuid[], '{}', 0, true),
  ('00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000001', 'New devices', 'new devices',
   array['00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002']::uuid[],
   '{New devices}', 1, true);

create table device (
  id uuid primary key,
  group_id uuid not null references directory_group (id),
  -- The product that stands for the device: its facts and its signs of life are those of the device.
  product_number bigint not null unique,
  reported_name text not null check (length(reported_name) between 1 and 255),
  -- Given by an administrator; goes before the reported name.
  display_name text check (length(display_name) between 1 and 128),
  platform text not null check (platform in ('linux', 'windows', 'macos', 'android', 'other')),
  architecture text not null default '' check (length(architecture) <= 40),
  system text not null default '' check (length(system) <= 320),
  address text not null default '' check (length(address) <= 64),
  agent_version text not null default '' check (length(agent_version) <= 64),
  hardware_id text check (length(hardware_id) between 1 and 128),
  -- The older device that reports the same hardware; an administrator decides what that means.
  hardware_twin_id uuid references device (id) on delete set null,
  is_encrypted boolean,
  registered_at timestamptz not null,
  removed_item_id uuid references recycled_item (id),
  -- Made by the server from the columns above: what is sorted by, and what is searched in.
  name_key text collate "C" not null,
  system_key text collate "C" not null default '',
  address_key text collate "C" not null default '',
  search_text text not null
);

-- One index for each order of the list, so that a page is read and never sorted.
create index device_name_idx on device (name_key, id) where removed_item_id is null;
create index device_system_idx on device (system_key, id) where removed_item_id is null;
create index device_address_idx on device (address_key, id) where removed_item_id is null;
create index device_registered_at_idx on device (registered_at, id) where removed_item_id is null;
create index device_group_id_idx on device (group_id, name_key, id) where removed_item_id is null;
-- Also for the foreign key: groups are removed for good with what is in them. The products of a group are read from
-- the index alone.
create index device_any_group_id_idx on device (group_id) include (product_number, removed_item_id);
create index device_removed_item_id_idx on device (removed_item_id) where removed_item_id is not null;
create index device_hardware_id_idx on device (hardware_id) where hardware_id is not null;
create index device_hardware_twin_id_idx on device (hardware_twin_id) where hardware_twin_id is not null;

-- Search inside words needs trigrams. The extension comes with PostgreSQL but not with every package of it;
-- without it the search gives the same answers and reads all devices for them.
do $$
begin
  if exists (select 1 from pg_available_extensions where name = 'pg_trgm') then
    begin
      create extension if not exists pg_trgm;
    exception when insufficient_privilege or feature_not_supported then
      raise notice 'pg_trgm is not available to this role';
    end;
  end if;
  if exists (select 1 from pg_extension where extname = 'pg_trgm') then
    create index device_search_text_idx on device using gin (search_text gin_trgm_ops) where removed_item_id is null;
  end if;
end
$$;

-- Dense: numbers index arrays. Read by the code, so that a product can come back with the number it had.
create sequence product_number_seq as bigint minvalue 1;

create table managed_product (
  number bigint primary key check (number between 1 and 9007199254740991),
  device_id uuid not null references device (id) on delete cascade,
  kind text not null check (length(kind) between 1 and 64),
  name text not null check (length(name) between 1 and 100),
  version text not null check (length(version) between 1 and 64),
  -- RFC 7638 thumbprint of the public key. Invariant: one key, one product.
  key_thumbprint text not null unique check (length(key_thumbprint) = 43),
  public_jwk jsonb not null,
  state text not null default 'active' check (state in ('active', 'disabled')),
  -- Number of the last handshake: proofs of an older one are worth nothing. Zero before the first.
  epoch bigint not null default 0 check (epoch between 0 and 4294967295),
  transport text not null default 'unknown' check (transport in ('udp-acknowledged', 'udp', 'https', 'unknown')),
  transport_reason text not null default '' check (length(transport_reason) <= 64),
  capabilities jsonb not null,
  registered_at timestamptz not null,
  last_handshake_at timestamptz,
  clock_skew_ms bigint
);

create index managed_product_device_id_idx on managed_product (device_id);

alter table device add constraint device_product_number_fkey
  foreign key (product_number) references managed_product (number) deferrable initially deferred;

-- Written in batches about once a second from the memory of the server, never once per heartbeat. Room in each
-- page and no index on what every heartbeat changes, so that an update stays in its page.
create table product_presence (
  product_number bigint primary key references managed_product (number) on delete cascade,
  status text not null default 'offline' check (status in
    ('online', 'timed-out', 'offline', 'service-stopped', 'idle', 'roaming', 'disabled')),
  reason text not null default 'never-seen' check (length(reason) <= 40),
  last_seen_at timestamptz,
  changed_at timestamptz,
  -- Handshake that last_sequence belongs to.
  epoch bigint not null default 0,
  last_sequence bigint not null default 0,
  service_state text not null default 'unknown' check (service_state in ('unknown', 'running', 'stopped')),
  -- Interval that the product was told last: how long its silence is normal.
  interval_ms integer not null default 0 check (interval_ms >= 0),
  activity jsonb not null default '{}'
) with (fillfactor = 70);

-- Few devices are anything else than online, and those are the ones that people filter for.
create index product_presence_status_idx on product_presence (status, product_number) where status <> 'online';
