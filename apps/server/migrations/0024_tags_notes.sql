-- serves: 0.1.0
-- Tags and notes: what people say of devices. A device in the recycle bin keeps both; they go when it is purged.

create table tag (
  id uuid primary key,
  name text not null check (length(name) between 1 and 120),
  -- The name as it is compared and sorted: made by the server, so that no database's rules of language matter.
  name_key text collate "C" not null,
  description text not null check (length(description) <= 600),
  colour text not null check (length(colour) between 1 and 40),
  -- Grows with every change; a writer names the one that it saw.
  revision integer not null default 1 check (revision >= 1),
  created_at timestamptz not null,
  created_by text not null check (length(created_by) between 1 and 300),
  -- Set for the day in which a removal can be taken back. The devices of the tag stay as they are until then.
  removed_at timestamptz
);

create unique index tag_name_idx on tag (name_key) where removed_at is null;

create table tag_device (
  tag_id uuid not null references tag (id) on delete cascade,
  device_id uuid not null references device (id) on delete cascade,
  -- That of the device, so that the devices of a tag are read in the order of their names.
  name_key text collate "C" not null,
  primary key (tag_id, device_id)
);

create index tag_device_device_id_idx on tag_device (device_id, tag_id);
create index tag_device_name_idx on tag_device (tag_id, name_key, device_id);

create function set_tag_device_name() returns trigger language plpgsql as $$
begin
  update tag_device set name_key = new.name_key where device_id = new.id;
  return null;
end
$$;

create trigger device_name_of_tags after update of name_key on device
  for each row when (old.name_key is distinct from new.name_key) execute function set_tag_device_name();

-- What one change did to the devices of one tag: what is needed to take it back. Kept for a day.
create table tag_change (
  id uuid not null,
  tag_id uuid not null references tag (id) on delete cascade,
  is_added boolean not null,
  device_ids uuid[] not null check (cardinality(device_ids) >= 1),
  changed_at timestamptz not null,
  primary key (id, tag_id)
);

create index tag_change_tag_id_idx on tag_change (tag_id);
create index tag_change_changed_at_idx on tag_change (changed_at);

create table note (
  id uuid primary key,
  device_id uuid not null references device (id) on delete cascade,
  text text not null check (octet_length(text) between 1 and 16000),
  created_at timestamptz not null,
  -- Who wrote it, for people and by identity.
  created_by text not null check (length(created_by) between 1 and 300),
  author_kind text not null,
  author_id text not null,
  changed_at timestamptz,
  changed_by text check (length(changed_by) between 1 and 300),
  revision integer not null default 1 check (revision >= 1),
  -- Set for the day in which a removal can be taken back.
  removed_at timestamptz,
  check ((changed_at is null) = (changed_by is null))
);

create index note_device_id_idx on note (device_id, created_at, id);
create index note_removed_at_idx on note (removed_at) where removed_at is not null;
