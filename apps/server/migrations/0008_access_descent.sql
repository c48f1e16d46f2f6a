-- Keys know which key made them, so that revoking one revokes what came from it; administrators who lost their
-- password get a one-time link of a kind of its own.

alter table api_key add column made_by_key_id uuid references api_key (id) on delete cascade;

-- The audit log knows it of the keys that there are. A maker that is gone already leaves nothing to point to.
update api_key set made_by_key_id = maker.id
from audit_entry entry join api_key maker on maker.id::text = entry.actor_id
where entry.action = 'api-key.created' and entry.actor_kind = 'api-key' and entry.object_id = api_key.id::text;

create index api_key_made_by_key_id_idx on api_key (made_by_key_id);
-- The order of the list.
create index api_key_created_at_idx on api_key (created_at desc, id desc);

alter table one_time_link drop constraint one_time_link_kind_check;
alter table one_time_link drop constraint one_time_link_check;
alter table one_time_link add constraint one_time_link_kind_check
  check (kind in ('set-up', 'invitation', 'recovery'));
alter table one_time_link add constraint one_time_link_administrator_check
  check ((kind = 'set-up') = (administrator_id is null));
