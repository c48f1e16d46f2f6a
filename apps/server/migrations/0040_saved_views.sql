-- serves: 0.1.0
-- Ways to look at the device list that somebody gave a name.
create table saved_view (
  id uuid primary key,
  -- Whose it is, by identity and for people. No foreign key: an API key owns views as an administrator does.
  owner_kind text not null check (length(owner_kind) between 1 and 40),
  owner_id text not null check (length(owner_id) between 1 and 300),
  owner_name text not null check (length(owner_name) between 1 and 300),
  name text not null check (length(name) between 1 and 128),
  -- The name as names are compared.
  name_key text not null check (length(name_key) between 1 and 400),
  -- The filter, and how the list is shown.
  content jsonb not null check (jsonb_typeof(content) = 'object'),
  -- Everybody sees it who may see the group that it names.
  is_shared boolean not null,
  created_at timestamptz not null,
  revision integer not null default 1 check (revision >= 1),
  unique (owner_kind, owner_id, name_key)
);

create index saved_view_shared_idx on saved_view (name_key, id) where is_shared;
