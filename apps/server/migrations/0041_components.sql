-- serves: 0.1.0
-- What is updated on devices: where it comes from, what there is of it, how devices are with it.

-- Whose signatures count: the first root, as an administrator has compared it. At most one.
create table component_repository (
  is_only boolean primary key default true check (is_only),
  first_root bytea not null check (length(first_root) between 1 and 1048576),
  fingerprint text not null check (fingerprint ~ '^[0-9a-f]{64}$'),
  trusted_at timestamptz not null,
  trusted_by text not null check (length(trusted_by) between 1 and 300),
  -- When the metadata end that are served, and the version of their snapshot.
  expires_at timestamptz,
  catalogue_version bigint check (catalogue_version between 1 and 4294967295)
);

create table component_source (
  id uuid primary key,
  -- Sources are tried in this order.
  position integer not null unique check (position >= 1),
  name text not null check (length(name) between 1 and 128),
  name_key text not null unique check (length(name_key) between 1 and 400),
  kind text not null check (kind in ('web', 'folder')),
  address text not null check (length(address) between 1 and 2000),
  proxy text check (length(proxy) between 1 and 300),
  user_name text check (length(user_name) between 1 and 200),
  proxy_user_name text check (length(proxy_user_name) between 1 and 200),
  -- Sealed for this source alone.
  sealed_password bytea,
  sealed_proxy_password bytea,
  -- With which the server renews what online roles sign there, in PEM; only its public half is ever shown.
  sealed_key bytea,
  public_key text check (length(public_key) between 1 and 1000),
  created_at timestamptz not null,
  revision integer not null default 1 check (revision >= 1),
  check ((sealed_key is null) = (public_key is null)),
  check (sealed_key is null or kind = 'folder')
);

create table component_download (
  id uuid primary key,
  state text not null check (state in ('waiting', 'running', 'succeeded', 'failed')),
  requested_by text not null check (length(requested_by) between 1 and 300),
  requested_at timestamptz not null,
  ended_at timestamptz,
  source_name text check (length(source_name) between 1 and 128),
  done_bytes bigint not null default 0 check (done_bytes >= 0),
  total_bytes bigint check (total_bytes >= 0),
  new_releases integer not null default 0 check (new_releases >= 0),
  error_code text check (length(error_code) between 1 and 100),
  error text check (length(error) between 1 and 2000),
  check ((ended_at is not null) = (state in ('succeeded', 'failed')))
);

create index component_download_requested_at_idx on component_download (requested_at desc, id desc);
-- One at a time: they write the same folder.
create unique index component_download_unfinished_idx on component_download ((true))
  where state in ('waiting', 'running');

create table component (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
  kind text not null check (kind in ('pattern', 'rules', 'engine', 'program')),
  title text not null check (length(title) between 1 and 200),
  platforms jsonb not null check (jsonb_typeof(platforms) = 'array'),
  handler text not null check (length(handler) between 1 and 100),
  newest_release bigint not null check (newest_release between 1 and 9007199254740991),
  -- The newest metadata name it.
  is_offered boolean not null default true
);

create table component_release (
  component_id text not null references component (id) on delete cascade,
  release bigint not null check (release between 1 and 9007199254740991),
  version text not null check (length(version) between 1 and 200),
  is_urgent boolean not null,
  full_bytes bigint not null check (full_bytes >= 0),
  increments jsonb not null check (jsonb_typeof(increments) = 'array'),
  arrived_at timestamptz not null,
  primary key (component_id, release)
);

-- What each product said last of its components: all of them at once.
create table component_product (
  product_number bigint not null references managed_product (number) on delete cascade,
  -- Without a foreign key: products may have what this server does not know yet, or any more.
  component_id text not null check (component_id ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
  release bigint check (release between 1 and 9007199254740991),
  state text not null check (state in ('up-to-date', 'behind', 'downloading', 'staged', 'failed')),
  -- That the state is about: the newest that is known, or the one that failed.
  target bigint check (target between 1 and 9007199254740991),
  version text check (length(version) between 1 and 64),
  code text check (length(code) between 1 and 100),
  reason text check (length(reason) <= 500),
  changed_at timestamptz not null,
  primary key (product_number, component_id)
);

create index component_product_component_idx on component_product (component_id, release);

-- When downloads begin by themselves. Without a row once an hour.
create table component_schedule (
  is_only boolean primary key default true check (is_only),
  is_enabled boolean not null,
  every_minutes integer not null check (every_minutes between 15 and 40320),
  start_time text check (start_time ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
  -- Working hours of a week; null for any time.
  hours jsonb check (jsonb_typeof(hours) = 'object'),
  last_at timestamptz,
  -- 0 before anybody has said anything.
  revision integer not null check (revision >= 0)
);

-- Whoever reads everything reads this too.
update access_role set permissions = array_append(permissions, 'components:read')
where id = '00000000-0000-7000-8000-000000000102';
