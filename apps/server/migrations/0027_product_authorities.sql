-- serves: 0.1.0
-- Which authorities a product trusts, as it said with its last handshake: before one takes the place of another, they are to know it.

alter table managed_product
  -- Fingerprints. Empty also for products that do not say.
  add column trusted_authorities text[] not null default '{}' check (cardinality(trusted_authorities) <= 4);
