-- Cancelling in batches, and forgetting what is long over.

-- A cancellation that an administrator has ordered and that has not come to every target yet. While it stands here,
-- no target of it is handed out or begun any more; its row goes with the last batch. So a crash in between loses nothing.
create table command_cancellation (
  id uuid primary key,
  command_id uuid not null references command (id) on delete cascade,
  -- Roots of the groups within which it was cancelled, in order; null for everywhere.
  scope_group_ids uuid[],
  requested_by text not null check (length(requested_by) between 1 and 300),
  requested_at timestamptz not null,
  -- Every target up to this product has had its turn.
  after_product_number bigint not null default 0,
  unique nulls not distinct (command_id, scope_group_ids)
);

-- A command that is being forgotten: nobody sees it any more, and its targets go in batches before it goes itself.
alter table command add column removed_at timestamptz;

create index command_over_idx on command (expires_at) where next_expiry_at is null and removed_at is null;
create index command_removed_at_idx on command (removed_at) where removed_at is not null;
