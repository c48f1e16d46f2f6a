-- Filters of the device list by encryption and agent version, and every other filter from the index of the order alone.

-- With what is filtered by inside them, a walk along an order decides about each device without reading its row: a
-- filter whose devices all stand at the end of the order costs a scan of one index, not of the table in random order.
drop index device_name_idx;
drop index device_system_idx;
drop index device_address_idx;
drop index device_registered_at_idx;
create index device_name_idx on device (name_key, id)
  include (group_id, platform, is_encrypted, agent_version, product_number) where removed_item_id is null;
create index device_system_idx on device (system_key, id)
  include (group_id, platform, is_encrypted, agent_version, product_number) where removed_item_id is null;
create index device_address_idx on device (address_key, id)
  include (group_id, platform, is_encrypted, agent_version, product_number) where removed_item_id is null;
create index device_registered_at_idx on device (registered_at, id)
  include (group_id, platform, is_encrypted, agent_version, product_number) where removed_item_id is null;

create index device_encryption_idx on device (is_encrypted, name_key, id)
  include (group_id, platform, agent_version, product_number) where removed_item_id is null;
create index device_agent_version_idx on device (agent_version, name_key, id)
  include (group_id, platform, is_encrypted, product_number) where removed_item_id is null;

-- Records that report one hardware, newest first.
drop index device_hardware_id_idx;
create index device_hardware_id_idx on device (hardware_id, registered_at) where hardware_id is not null;
