-- serves: 0.1.0
-- Where entries of the audit log wait from the commit of their change until they get their place in the chain of audit_entry, about a
-- second later. So a change that records waits for no other one. The chain itself is as it was; an earlier release appends to it by
-- itself, and what waits here then waits until a server comes that knows of it.
create table audit_unchained (
  -- The order of writing. Taken at the insert, so that it has gaps and is not the order of commits; the chain counts for itself.
  number bigint generated always as identity primary key,
  -- From here on as in audit_entry, with the same rules: what is taken here is taken there.
  id uuid not null unique,
  occurred_at timestamptz not null,
  actor_kind text not null check (actor_kind in ('administrator', 'api-key', 'product', 'system', 'anonymous')),
  actor_id text check (length(actor_id) <= 200),
  actor_name text not null check (length(actor_name) between 1 and 300),
  action text not null check (action ~ '^[a-z0-9-]+(\.[a-z0-9-]+)+$' and length(action) <= 100),
  object_kind text check (length(object_kind) <= 100),
  object_id text check (length(object_id) <= 200),
  object_name text check (length(object_name) <= 500),
  scope_group_id uuid,
  details jsonb not null check (jsonb_typeof(details) = 'object'),
  request_id text check (length(request_id) <= 100),
  remote_address inet,
  content_hash bytea not null check (length(content_hash) = 32),
  check (object_kind is not null or object_id is null)
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

create trigger audit_unchained_append_only before update on audit_unchained
  for each row execute function audit_entry_refuse_change();
create trigger audit_unchained_no_truncate before truncate on audit_unchained
  for each statement execute function audit_entry_refuse_change();

-- An entry leaves for the chain and for nowhere else.
create function audit_unchained_refuse_loss() returns trigger language plpgsql as $$
begin
  if exists (select from audit_entry e where e.id = old.id) then return old; end if;
  raise exception 'audit entries are never removed before they are in the chain' using errcode = '23001';
end
$$;

create trigger audit_unchained_kept before delete on audit_unchained
  for each row execute function audit_unchained_refuse_loss();
