-- Whether and how the server can call a product between its heartbeats, as the last handshake settled it.

alter table managed_product
  add column mode text not null default 'one-way'
    check (mode in ('one-way', 'two-way-direct', 'two-way-udp', 'two-way-held')),
  add column mode_reason text not null default '' check (length(mode_reason) <= 64),
  -- Where the product listens and has answered; only of mode two-way-direct.
  add column listener_address text check (length(listener_address) <= 64),
  add column listener_port integer check (listener_port between 1024 and 65535),
  add check ((mode = 'two-way-direct') = (listener_address is not null and listener_port is not null));

-- Read back at start; most products of a large fleet are in no list but this one or in none.
create index managed_product_callable_idx on managed_product (number) where mode <> 'one-way';
