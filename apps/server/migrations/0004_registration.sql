-- How products join: enrolment tokens, and those that stand at the door.

create table enrolment_token (
  id uuid primary key,
  name text not null check (length(name) between 1 and 128),
  -- SHA-256 of 256 random bits. The secret itself is shown once and kept nowhere.
  secret_hash bytea not null check (length(secret_hash) = 32),
  -- Absent: the group is gone, and what joins with the token goes to "New devices".
  group_id uuid references directory_group (id) on delete set null,
  max_uses integer check (max_uses >= 1),
  -- Invariant: never more than max_uses, whatever arrives at once.
  uses integer not null default 0 check (uses >= 0),
  is_approval_needed boolean not null,
  created_at timestamptz not null,
  created_by text not null check (length(created_by) between 1 and 300),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  check (max_uses is null or uses <= max_uses)
);

create index enrolment_token_created_at_idx on enrolment_token (created_at desc, id desc);
create index enrolment_token_group_id_idx on enrolment_token (group_id);

-- A product that waits for an administrator: one that joins with a token that asks for approval, or one that knows
-- this server while this server does not know it. Bounded by the code: whoever knocks often fills no disk.
create table waiting_registration (
  id uuid primary key,
  kind text not null check (kind in ('approval', 're-admission')),
  state text not null default 'waiting' check (state in ('waiting', 'refused')),
  -- Invariant: one key waits once.
  key_thumbprint text not null unique check (length(key_thumbprint) = 43),
  public_jwk jsonb not null,
  -- The registration or handshake as it was asked for, parsed again when it is used.
  request jsonb not null,
  token_id uuid references enrolment_token (id) on delete set null,
  -- From a receipt that this server sealed; absent otherwise.
  receipt jsonb,
  remote_address text not null check (length(remote_address) <= 64),
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  check ((kind = 'approval') or token_id is null)
);

create index waiting_registration_state_idx on waiting_registration (state, first_seen_at, id);
create index waiting_registration_remote_address_idx on waiting_registration (remote_address);
create index waiting_registration_token_id_idx on waiting_registration (token_id);
