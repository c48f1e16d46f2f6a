-- The facts of each device as its agent last reported them. Only the newest: earlier ones are replaced.
create table device_inventory (
  device_id uuid primary key references device (id) on delete cascade,
  -- Clock of the device.
  collected_at timestamptz not null,
  received_at timestamptz not null,
  -- SHA-256 of the facts in canonical form.
  digest bytea not null check (length(digest) = 32),
  facts jsonb not null
);
