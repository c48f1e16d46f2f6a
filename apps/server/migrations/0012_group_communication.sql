-- What a group says about how its devices communicate. A value that is null is inherited from the group above, and at
-- the top from the settings of the server.

create table group_communication (
  group_id uuid primary key references directory_group (id) on delete cascade,
  revision integer not null check (revision >= 1),
  heartbeat_interval_ms integer check (heartbeat_interval_ms between 1000 and 28800000),
  offline_timeout_ms integer check (offline_timeout_ms between 3000 and 604800000),
  -- Working and idle quarter hours of a week, and the place whose clock counts.
  schedule jsonb,
  mode text check (mode in ('automatic', 'one-way', 'two-way-direct', 'two-way-udp', 'two-way-held')),
  transport text check (transport in ('automatic', 'https')),
  -- 0: agents do not listen.
  listener_port integer check (listener_port between 0 and 65535),
  changed_at timestamptz not null
);
