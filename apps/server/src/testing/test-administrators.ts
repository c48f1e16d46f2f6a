import {
  acceptInvitation,
  builtInRoleIds,
  createFirstAdministrator,
  type GrantChoice,
  inviteAdministrator,
} from '@holdfast/api';
import { TestBrowser } from './test-browser.ts';
import type { TestServer } from './test-server.ts';

export const GOOD_PASSWORD = 'blau kiste regen sieben';

/** The secret in the fragment of a one-time link. */
export function secretOf(link: string): string {
  return new URL(link).hash.slice(1);
}

/** Sets the server up as a person would, and gives that person's browser. */
export async function signInFirstAdministrator(server: TestServer, name = 'first'): Promise<TestBrowser> {
  const browser = new TestBrowser(server);
  const link = (await server.app.modules.createSetupLink())?.address ?? '';
  await browser.call(createFirstAdministrator, {
    body: { secret: secretOf(link), name, displayName: 'First Person', password: GOOD_PASSWORD },
  });
  return browser;
}

/** A built-in role on everything. */
export function everywhere(role: keyof typeof builtInRoleIds): GrantChoice {
  return { roleId: builtInRoleIds[role], groupId: null };
}

/** A built-in role in a group. */
export function inGroup(role: keyof typeof builtInRoleIds, groupId: string): GrantChoice {
  return { roleId: builtInRoleIds[role], groupId };
}

/** Invites another administrator, an enterprise administrator unless told, and gives the browser in which the invitation was accepted. */
export async function signInInvited(
  server: TestServer,
  by: TestBrowser,
  name: string,
  ...roles: readonly (keyof typeof builtInRoleIds | GrantChoice)[]
): Promise<TestBrowser> {
  const grants = (roles.length === 0 ? ['enterpriseAdministrator' as const] : roles).map((role) =>
    typeof role === 'string' ? everywhere(role) : role,
  );
  const { link } = await by.call(inviteAdministrator, { body: { name, displayName: name, grants } });
  const browser = new TestBrowser(server, '192.0.2.20');
  await browser.call(acceptInvitation, { body: { secret: secretOf(link), password: GOOD_PASSWORD } });
  return browser;
}

/** Nobody has an account any more, and an hour has passed: for test files that share one server. */
export async function forgetAccounts(server: TestServer): Promise<void> {
  const { db } = server.database;
  await db.deleteFrom('administrator').execute();
  await db.deleteFrom('one_time_link').execute();
  await db.deleteFrom('sign_in_throttle').execute();
  server.clock.advance(3_600_000);
}
