-- serves: 0.1.0
-- Manufacturer and model of a device. What is there already fills them with its next inventory, within a day.
alter table device
  add column manufacturer text not null default '' check (length(manufacturer) <= 200),
  add column manufacturer_key text collate "C" not null default '',
  add column model text not null default '' check (length(model) <= 200),
  add column model_key text collate "C" not null default '';

create index device_manufacturer_idx on device (manufacturer_key, name_key, id)
  include (group_id, platform, is_encrypted, agent_version, product_number) where removed_item_id is null;
create index device_model_idx on device (model_key, name_key, id)
  include (group_id, platform, is_encrypted, agent_version, product_number) where removed_item_id is null;
