-- Appends one entry to the audit log as the next link of its chain, in one round trip: the lock that orders the
-- writers is held from here to the commit, and every statement between would make all of them wait longer.
--
-- The hash of the content comes from the server, which is also who verifies it; the hash of the place is
-- SHA-256 of the sequence (8 bytes, big-endian), the hash before it (32 zero bytes at first) and the hash of the content.
-- Each statement of the function sees what was committed before it began, so the head is the true one.
create function append_audit_entry(
  entry_id uuid, occurred timestamptz, actor_kind text, actor_id text, actor_name text, action text,
  object_kind text, object_id text, object_name text, scope_group_id uuid, details jsonb,
  request_id text, remote_address inet, content_hash bytea
) returns void language plpgsql as $$
declare
  head_seq bigint;
  head_hash bytea;
begin
  perform pg_advisory_xact_lock(4801202613);
  select e.seq, e.entry_hash into head_seq, head_hash from audit_entry e order by e.seq desc limit 1;
  head_seq := coalesce(head_seq, 0) + 1;
  insert into audit_entry (
    id, seq, occurred_at, actor_kind, actor_id, actor_name, action, object_kind, object_id, object_name,
    scope_group_id, details, request_id, remote_address, previous_hash, entry_hash
  ) overriding system value values (
    entry_id, head_seq, occurred, append_audit_entry.actor_kind, append_audit_entry.actor_id,
    append_audit_entry.actor_name, append_audit_entry.action, append_audit_entry.object_kind,
    append_audit_entry.object_id, append_audit_entry.object_name, append_audit_entry.scope_group_id,
    append_audit_entry.details, append_audit_entry.request_id, append_audit_entry.remote_address, head_hash,
    sha256(int8send(head_seq) || coalesce(head_hash, decode(repeat('00', 32), 'hex')) || content_hash)
  );
end
$$;
