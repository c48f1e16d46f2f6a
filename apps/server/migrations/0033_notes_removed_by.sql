-- serves: 0.1.0
-- Who removed a note, by identity: what somebody else removed is not its author's to take back. Empty for notes that are there, and
-- for removals by a release that did not keep it.
alter table note add column removed_by_kind text check (length(removed_by_kind) <= 40);
alter table note add column removed_by_id text check (length(removed_by_id) <= 300);
