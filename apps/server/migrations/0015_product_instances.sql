-- Which running instances of each product made handshakes last, so that two computers with one key are noticed.

create table product_instance (
  product_number bigint not null references managed_product (number) on delete cascade,
  -- Made at random by each start of the product.
  instance uuid not null,
  state text not null check (state in ('admitted', 'refused')),
  hardware_id text check (length(hardware_id) <= 128),
  device_name text not null check (length(device_name) <= 255),
  remote_address text not null check (length(remote_address) <= 64),
  -- Epochs only grow, whatever the clock does: the greatest last epoch is that of the instance in place.
  first_epoch bigint not null,
  last_epoch bigint not null,
  challenged_at timestamptz not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  -- The copy has a record of its own since then.
  settled_at timestamptz,
  primary key (product_number, instance)
);

create index product_instance_refused_idx on product_instance (product_number) where state = 'refused';

-- A copy that made a new key shows the receipt of its original.
alter table waiting_registration drop constraint waiting_registration_kind_check;
alter table waiting_registration add constraint waiting_registration_kind_check
  check (kind in ('approval', 're-admission', 'copied'));
create index waiting_registration_copied_idx on waiting_registration (((receipt ->> 'productNumber')::bigint))
  where kind = 'copied';
