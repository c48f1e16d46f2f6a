-- What managed products report of themselves. One row for each entry that was acknowledged, in partitions by the day
-- (UTC) on which the server took it, so that what is too old goes by dropping tables.

create sequence log_entry_id_seq as bigint minvalue 1;

create table log_entry (
  received_at timestamptz not null,
  -- Grows in the order of writing.
  id bigint not null default nextval('log_entry_id_seq'),
  -- No foreign key: entries outlive the product.
  product_number bigint not null,
  -- Of the journal in which the product counts its entries; both absent for what the server itself wrote.
  journal uuid,
  sequence bigint check (sequence between 1 and 9007199254740991),
  -- By the clock of the product.
  occurred_at timestamptz not null,
  type text not null check (length(type) between 1 and 64),
  -- 0 debug, 1 info, 2 notice, 3 warning, 4 error, 5 critical.
  severity smallint not null check (severity between 0 and 5),
  text text not null default '' check (length(text) <= 2000),
  facts jsonb check (jsonb_typeof(facts) = 'object'),
  primary key (received_at, id),
  check ((journal is null) = (sequence is null))
) partition by range (received_at);

alter sequence log_entry_id_seq owned by log_entry.id;

-- One index for each question, each in the order of the list, so that a page is read and never sorted.
create index log_entry_product_idx on log_entry (product_number, received_at, id);
create index log_entry_type_idx on log_entry (type, severity, received_at, id);
-- Most entries are debug or info, and nobody asks for these alone.
create index log_entry_severity_idx on log_entry (severity, received_at, id) where severity >= 2;

-- What belongs to no day that has a partition: rows that a restore brings back, before the job makes room for them.
create table log_entry_rest partition of log_entry default;

-- The partition of a day. Rows of the day that lie in the rest move into it. Repeating it changes nothing, and two at
-- once make one.
create function log_entry_add_day(day date) returns boolean language plpgsql as $$
declare
  partition_name text := 'log_entry_' || to_char(day, 'YYYYMMDD');
  from_at timestamptz := day::timestamp at time zone 'UTC';
  to_at timestamptz := (day + 1)::timestamp at time zone 'UTC';
begin
  if to_regclass(quote_ident(partition_name)) is not null then
    return false;
  end if;
  -- The lock that attaching takes anyway: of two at once, the second waits here. It then looks into the catalogue itself,
  -- because what was looked up before may be remembered.
  lock table only log_entry in share update exclusive mode;
  if exists (select 1 from pg_class c where c.relname = partition_name
      and c.relnamespace = (select l.relnamespace from pg_class l where l.oid = 'log_entry'::regclass)) then
    return false;
  end if;
  -- Made beside the table and attached, which readers and writers of other days do not notice.
  execute format('create table %I (like log_entry including defaults including constraints)', partition_name);
  execute format(
    'with moved as (delete from log_entry_rest where received_at >= %L and received_at < %L returning *)
     insert into %I select * from moved', from_at, to_at, partition_name);
  execute format('alter table log_entry attach partition %I for values from (%L) to (%L)', partition_name, from_at, to_at);
  return true;
end
$$;

-- How far each journal of a product has come: what is not beyond it is there already.
create table log_journal (
  product_number bigint not null,
  journal uuid not null,
  last_sequence bigint not null check (last_sequence between 0 and 9007199254740991),
  last_received_at timestamptz not null,
  primary key (product_number, journal)
);

create index log_journal_last_received_at_idx on log_journal (last_received_at);

-- What a product has brought on the present day, so that none fills the disk; locked while one of its batches is taken.
create table log_allowance (
  product_number bigint primary key,
  day date not null,
  entry_count integer not null default 0 check (entry_count >= 0),
  byte_count bigint not null default 0 check (byte_count >= 0),
  -- The entry in which the server says what it left out on this day.
  notice_received_at timestamptz,
  notice_id bigint,
  check ((notice_received_at is null) = (notice_id is null))
) with (fillfactor = 70);
