-- serves: 0.1.0
-- What people say of a device: the number that their organisation gave it, and whose it is.
alter table device
  add column asset_tag text not null default '' check (length(asset_tag) <= 200),
  add column asset_tag_key text collate "C" not null default '',
  add column owner text not null default '' check (length(owner) <= 200),
  add column owner_key text collate "C" not null default '';

create index device_asset_tag_idx on device (asset_tag_key, name_key, id)
  include (group_id, platform, is_encrypted, agent_version, product_number) where removed_item_id is null;
create index device_owner_idx on device (owner_key, name_key, id)
  include (group_id, platform, is_encrypted, agent_version, product_number) where removed_item_id is null;
