-- Administrators, how they prove who they are, and what programs may do in their name.
-- No secret stands here in the clear: passwords as Argon2id verifiers, everything else as SHA-256 of 256 random bits.

create table administrator (
  id uuid primary key,
  -- As it was typed at first; compared by name_key.
  name text not null check (length(name) between 1 and 64),
  name_key text not null unique check (name_key = lower(name_key)),
  display_name text not null check (length(display_name) between 1 and 128),
  role text not null check (role in ('enterprise-administrator', 'auditor')),
  state text not null check (state in ('invited', 'active', 'disabled')),
  password_verifier text check (length(password_verifier) <= 500),
  created_at timestamptz not null,
  password_changed_at timestamptz,
  last_sign_in_at timestamptz,
  -- Whoever is active can sign in; an invited account has chosen no password yet.
  check (state <> 'active' or password_verifier is not null),
  check (state <> 'invited' or password_verifier is null)
);

create table session (
  id uuid primary key,
  administrator_id uuid not null references administrator (id) on delete cascade,
  token_hash bytea not null unique check (length(token_hash) = 32),
  created_at timestamptz not null,
  -- Written at most once a minute, so that reading the console writes little.
  last_used_at timestamptz not null,
  remote_address text not null check (length(remote_address) <= 100),
  user_agent text not null check (length(user_agent) <= 400)
);

create index session_administrator_id_idx on session (administrator_id);

create table api_key (
  id uuid primary key,
  name text not null check (length(name) between 1 and 128),
  prefix text not null unique check (prefix ~ '^hfk_[A-Za-z0-9]{8}$'),
  key_hash bytea not null unique check (length(key_hash) = 32),
  permissions text[] not null check (cardinality(permissions) between 1 and 64),
  -- The top of the part of the directory that the key sees. No foreign key: the group belongs to another
  -- module, and a key whose group is gone sees nothing.
  scope_group_id uuid,
  -- The administrator behind the key; it never may more than this account.
  owner_id uuid not null references administrator (id) on delete cascade,
  created_at timestamptz not null,
  created_by text not null check (length(created_by) between 1 and 300),
  expires_at timestamptz,
  last_used_at timestamptz
);

create index api_key_owner_id_idx on api_key (owner_id);

create table one_time_link (
  id uuid primary key,
  kind text not null check (kind in ('set-up', 'invitation')),
  secret_hash bytea not null unique check (length(secret_hash) = 32),
  administrator_id uuid references administrator (id) on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  check ((kind = 'invitation') = (administrator_id is not null))
);

create index one_time_link_administrator_id_idx on one_time_link (administrator_id);

-- How often sign-in failed lately. Keys are SHA-256 of the name, of the network address or of both, so that
-- a password typed into the wrong field is not kept.
create table sign_in_throttle (
  kind text not null check (kind in ('name', 'address', 'name-at-address')),
  key_hash bytea not null check (length(key_hash) = 32),
  failures integer not null check (failures >= 0),
  last_attempt_at timestamptz not null,
  blocked_until timestamptz,
  primary key (kind, key_hash)
);

create index sign_in_throttle_last_attempt_at_idx on sign_in_throttle (last_attempt_at);

-- Addresses from which a name signed in before: what strangers do to the name elsewhere does not slow it there.
create table sign_in_origin (
  administrator_id uuid not null references administrator (id) on delete cascade,
  address_hash bytea not null check (length(address_hash) = 32),
  last_success_at timestamptz not null,
  primary key (administrator_id, address_hash)
);
