-- serves: 0.1.0
-- The serial number of a device. What is there already fills it with its next inventory, within a day.
alter table device
  add column serial_number text not null default '' check (length(serial_number) <= 200),
  add column serial_number_key text collate "C" not null default '';

-- The order by the field, and the filter by it in the order of names; what else is filtered by lies inside, as with the other orders.
create index device_serial_number_idx on device (serial_number_key, name_key, id)
  include (group_id, platform, is_encrypted, agent_version, product_number) where removed_item_id is null;
