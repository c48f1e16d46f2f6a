-- serves: 0.1.0
-- Who may do what, and where: grants, each a set of permissions in one place. Roles are rows.

create table access_role (
  id uuid primary key,
  name text not null check (length(name) between 1 and 128),
  name_key text not null unique,
  description text not null check (length(description) <= 500),
  -- Null: every permission that the server knows, also those that later releases bring.
  permissions text[] check (cardinality(permissions) between 1 and 64),
  is_built_in boolean not null default false,
  -- Grows by one with every change; a writer names the one that it saw.
  revision integer not null default 1 check (revision >= 1),
  created_at timestamptz not null,
  created_by text not null check (length(created_by) between 1 and 300),
  check (is_built_in or permissions is not null)
);

-- Their ids are the same on every server.
insert into access_role (id, name, name_key, description, permissions, is_built_in, created_at, created_by) values
  ('00000000-0000-7000-8000-000000000101', 'Enterprise Administrator', 'enterprise administrator',
   'May do everything', null, true, now(), 'Holdfast'),
  ('00000000-0000-7000-8000-000000000102', 'Auditor', 'auditor', 'Reads everything and changes nothing',
   '{directory:read,commands:read,logs:read,enrolment-tokens:read,administrators:read,audit:read,settings:read,system:read}',
   true, now(), 'Holdfast'),
  ('00000000-0000-7000-8000-000000000103', 'Group Administrator', 'group administrator',
   'Looks after the devices of a group: its directory, commands, logs and enrolment',
   '{directory:read,directory:edit,notes:write,commands:read,commands:issue,logs:read,enrolment-tokens:read,enrolment-tokens:manage,registrations:approve}',
   true, now(), 'Holdfast');

create table access_grant (
  id uuid primary key default gen_random_uuid(),
  -- Who holds it. Whatever else signs in one day gets a column of its own, and with it a foreign key.
  administrator_id uuid references administrator (id) on delete cascade,
  api_key_id uuid references api_key (id) on delete cascade,
  role_id uuid references access_role (id) on delete cascade,
  permissions text[] check (cardinality(permissions) between 1 and 64),
  -- The group in which; null means everything. No foreign key: the group belongs to another module, and a grant in a
  -- group that is gone grants nothing.
  group_id uuid,
  created_at timestamptz not null,
  created_by text not null check (length(created_by) between 1 and 300),
  check (num_nonnulls(administrator_id, api_key_id) = 1),
  check (num_nonnulls(role_id, permissions) = 1)
);

create unique index access_grant_administrator_idx on access_grant (administrator_id, role_id, group_id)
  nulls not distinct where administrator_id is not null;
create index access_grant_api_key_id_idx on access_grant (api_key_id) where api_key_id is not null;
create index access_grant_role_id_idx on access_grant (role_id) where role_id is not null;
create index access_grant_group_id_idx on access_grant (group_id) where group_id is not null;

insert into access_grant (administrator_id, role_id, created_at, created_by)
select a.id, r.id, a.created_at, 'Holdfast' from administrator a
join access_role r on r.name_key = replace(a.role, '-', ' ');

insert into access_grant (api_key_id, permissions, group_id, created_at, created_by)
select id, permissions, scope_group_id, created_at, created_by from api_key;

-- The previous release knows neither table: it reads and writes administrator.role, and the permissions and the group of
-- api_key. Both stay true by the triggers below, whichever release writes. 'none' is what the previous release sees of
-- grants that it has no word for; its administrators with this role may do nothing there, rather than too much.
alter table administrator drop constraint administrator_role_check;
alter table administrator add constraint administrator_role_check
  check (role in ('enterprise-administrator', 'auditor', 'none'));
alter table administrator alter column role set default 'none';

-- What only the previous release does: write a role. It means that role on everything and no other grant.
create function access_grant_follow_role() returns trigger language plpgsql as $$
begin
  -- Deeper it is the other trigger that writes.
  if pg_trigger_depth() > 1 or new.role = 'none' then
    return null;
  end if;
  delete from access_grant where administrator_id = new.id;
  insert into access_grant (administrator_id, role_id, created_at, created_by)
  select new.id, r.id, now(), 'Holdfast' from access_role r where r.name_key = replace(new.role, '-', ' ');
  return null;
end
$$;

create trigger access_grant_follow_role after insert or update of role on administrator
  for each row execute function access_grant_follow_role();

-- What this release and later ones do: write grants.
create function administrator_follow_grants() returns trigger language plpgsql as $$
declare
  holder uuid;
  wanted text;
begin
  if tg_op = 'DELETE' then
    holder := old.administrator_id;
  else
    holder := new.administrator_id;
  end if;
  wanted := coalesce(
    (select case g.role_id
       when '00000000-0000-7000-8000-000000000101' then 'enterprise-administrator'
       else 'auditor'
     end
     from access_grant g
     where g.administrator_id = holder and g.group_id is null and g.role_id in
       ('00000000-0000-7000-8000-000000000101', '00000000-0000-7000-8000-000000000102')
     order by g.role_id limit 1), 'none');
  update administrator set role = wanted where id = holder and role <> wanted;
  return null;
end
$$;

create trigger administrator_follow_grants after insert or delete on access_grant
  for each row execute function administrator_follow_grants();

-- Both releases write the one grant of a new key into its own row.
create function access_grant_follow_api_key() returns trigger language plpgsql as $$
begin
  insert into access_grant (api_key_id, permissions, group_id, created_at, created_by)
  values (new.id, new.permissions, new.scope_group_id, new.created_at, new.created_by);
  return null;
end
$$;

create trigger access_grant_follow_api_key after insert on api_key
  for each row execute function access_grant_follow_api_key();
