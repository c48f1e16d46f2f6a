-- serves: 0.1.0
-- How devices share updates on their LANs, as they report it.

create table lan_membership (
  product_number bigint not null references managed_product (number) on delete cascade,
  -- In CIDR notation.
  network text not null check (length(network) between 3 and 49),
  -- Whom it follows there; null: nobody. Not always a product of this server any more.
  active_product bigint check (active_product >= 1),
  reported_at timestamptz not null,
  primary key (product_number, network)
);

create index lan_membership_network_idx on lan_membership (network, active_product);

create table lan_traffic (
  product_number bigint primary key references managed_product (number) on delete cascade,
  -- Since the product has kept count.
  from_server_bytes bigint not null check (from_server_bytes >= 0),
  from_lan_bytes bigint not null check (from_lan_bytes >= 0)
);
