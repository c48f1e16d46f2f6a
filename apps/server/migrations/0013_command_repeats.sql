-- Commands that pass in idle hours, and commands that try the failed devices of an earlier one again.

alter table command
  add column is_urgent boolean not null default false,
  -- Null again when the earlier one is forgotten.
  add column repeats_id uuid references command (id) on delete set null;

create index command_repeats_id_idx on command (repeats_id) where repeats_id is not null;
