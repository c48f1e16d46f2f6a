import {
  type Administrator,
  type ApiClient,
  builtInRoleIds,
  giveGrant,
  type GrantChoice,
  type HeldGrant,
  listEveryAdministrator,
  listRoles,
  type Role,
  takeGrant,
} from '@holdfast/api';
import { foldName } from '@holdfast/kernel';
import type { Command } from 'commander';
import { CliError } from '../cli.errors.ts';
import { formatTable } from '../output/table.ts';
import type { AddAction } from '../command-tools.ts';
import { readText } from './arguments.ts';
import { findGroup, formatGroupPath } from './lookup.ts';

export function addRoleCommands(admin: Command, addAction: AddAction): void {
  addAction(admin.command('roles').description('list roles'), async ({ client, printer }) => {
    const { roles } = await (await client()).call(listRoles, {});
    printer.result(roles, () =>
      formatTable(
        [
          { title: 'name', value: (row) => row.name },
          { title: 'held by', value: (row) => String(row.holderCount), alignment: 'right' },
          { title: 'permissions', value: (row) => row.permissions.join(' ') },
        ],
        roles,
      ),
    );
  });
  addAction(
    admin
      .command('give-role')
      .description('give an administrator a role, everywhere or in a group')
      .argument('<administrator>', 'sign-in name or id')
      .argument('<role>', 'name or id from `admin roles`')
      .option('--group <group>', 'in this group with everything in it'),
    async (tools, options, [administrator = '', role = '']) => {
      const client = await tools.client();
      const { id: administratorId } = await findAdministrator(client, administrator);
      const given = await client.call(giveGrant, {
        params: { administratorId },
        body: await chooseGrant(client, role, readText(options, 'group')),
      });
      tools.printer.result(given, () => `${given.name} is ${formatGrants(given.grants)}.\n`);
    },
  );
  addAction(
    admin
      .command('take-role')
      .description('take a role from an administrator; it ends at once')
      .argument('<administrator>', 'sign-in name or id')
      .argument('<role>', 'name or id from `admin roles`')
      .option('--group <group>', 'which one, where it is held in more than one place'),
    async (tools, options, [name = '', roleName = '']) => {
      const client = await tools.client();
      const administrator = await findAdministrator(client, name);
      const group = readText(options, 'group');
      const grant = pickGrant(administrator, await chooseGrant(client, roleName, group), group !== undefined);
      const left = await client.call(takeGrant, {
        params: { administratorId: administrator.id, grantId: grant.id },
      });
      tools.printer.result(left, () => `${left.name} is ${formatGrants(left.grants)}.\n`);
    },
  );
}

/**
 * A role by its name or id, in a group or on everything; an auditor where no role is named.
 *
 * @throws CliError ROLE_UNKNOWN, GROUP_UNKNOWN
 */
export async function chooseGrant(
  client: ApiClient,
  role: string | undefined,
  group: string | undefined,
): Promise<GrantChoice> {
  return {
    roleId: role === undefined ? builtInRoleIds.auditor : await findRoleId(client, role),
    groupId: group === undefined ? null : (await findGroup(client, group)).id,
  };
}

async function findRoleId(client: ApiClient, text: string): Promise<string> {
  const { roles } = await client.call(listRoles, {});
  const role = roles.find((one) => one.id === text || keyOf(one.name) === keyOf(text));
  if (role === undefined) throw createRoleUnknown(text, roles);
  return role.id;
}

/** Without a group: the only one, or of several the one everywhere. */
function pickGrant(
  { name, grants }: Administrator,
  { roleId, groupId }: GrantChoice,
  isGroupGiven: boolean,
): HeldGrant {
  const ofRole = grants.filter((grant) => grant.roleId === roleId);
  const [only] = ofRole.length === 1 && !isGroupGiven ? ofRole : [];
  const found = only ?? ofRole.find((grant) => grant.groupId === groupId);
  if (found !== undefined) return found;
  throw new CliError('GRANT_UNKNOWN', `${name} does not have this role there.`, {
    remedy: 'Look at `holdfast admin list`, and name the group.',
  });
}

/** `Auditor everywhere, Group Administrator in Berlin`. */
export function formatGrants(grants: readonly HeldGrant[]): string {
  if (grants.length === 0) return 'without any role';
  return grants.map((grant) => `${grant.roleName} ${formatPlace(grant)}`).join(', ');
}

function formatPlace({ groupId, groupPath }: HeldGrant): string {
  if (groupId === null) return 'everywhere';
  return groupPath === null ? 'in a group that is gone' : `in ${formatGroupPath(groupPath)}`;
}

// `group-administrator` is easier to type than `'Group Administrator'`.
function keyOf(name: string): string {
  return foldName(name).replaceAll('-', ' ');
}

async function findAdministrator(client: ApiClient, text: string): Promise<Administrator> {
  const administrators = await listEveryAdministrator(client);
  const found = administrators.find((one) => one.id === text || foldName(one.name) === foldName(text));
  if (found !== undefined) return found;
  throw new CliError('ADMINISTRATOR_UNKNOWN', `There is no administrator "${text}".`, {
    remedy: 'Look at `holdfast admin list`.',
  });
}

function createRoleUnknown(name: string, roles: readonly Role[]): CliError {
  return new CliError('ROLE_UNKNOWN', `There is no role "${name}".`, {
    remedy: `Roles are ${roles.map((role) => role.name).join(', ')}.`,
  });
}
