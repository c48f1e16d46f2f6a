import {
  acceptInvitation,
  changeOwnPassword,
  checkPassword,
  type Administrator,
  builtInRoleIds,
  createApiKey,
  changeRole,
  createFirstAdministrator,
  createRole,
  type CurrentSession,
  deleteRole,
  getCurrentSession,
  getInvitation,
  getSetupLink,
  getRecovery,
  getSetup,
  type GrantChoice,
  giveGrant,
  inviteAdministrator,
  listAdministrators,
  listApiKeys,
  listRoles,
  listSessions,
  recoverPassword,
  revokeApiKey,
  revokeSession,
  type Role,
  setAdministratorState,
  signIn,
  signOut,
  takeGrant,
} from '@holdfast/api';
import { notFound, Refusal } from './refusal.ts';
import type { MockContext, RouteTable } from './route-table.ts';
import { effectiveGrantsOf, heldGrant, roles } from './roles.ts';
import { isoAt, record, type World } from './world.ts';

export function handleAccess({ handle }: RouteTable): void {
  handle(getSetup, ({ world }) => ({ isNeeded: world.isSetupNeeded, serverName: 'holdfast.example.net' }));
  handle(checkPassword, ({ body }) => {
    const length = body.password.length;
    const score = length < 8 ? 0 : length < 10 ? 1 : length < 13 ? 2 : length < 17 ? 3 : 4;
    return {
      isAccepted: score >= 3,
      score,
      hints: score >= 3 ? [] : ['Add another word or two. Uncommon words are better.'],
    };
  });
  handle(createFirstAdministrator, (context) => {
    const { world, body } = context;
    requireLink(body.secret);
    if (!world.isSetupNeeded) throw linkUsed();
    addAdministrator(world, body.name, body.displayName ?? body.name);
    world.isSetupNeeded = false;
    return startSession(context, body.name);
  });
  handle(getSetupLink, ({ world, body }) => {
    requireLink(body.secret);
    return { expiresAt: isoAt(world.now() + 3_300_000) };
  });
  handle(getInvitation, ({ world, body }) => {
    requireLink(body.secret);
    return { name: 'j.silva', displayName: 'João Silva', expiresAt: isoAt(world.now() + 40 * 3_600_000) };
  });
  handle(acceptInvitation, (context) => {
    requireLink(context.body.secret);
    return startSession(context, 'j.silva');
  });
  handle(getRecovery, ({ world, body }) => {
    requireLink(body.secret);
    return { name: 'admin', displayName: 'Ada Virtanen', expiresAt: isoAt(world.now() + 3_000_000) };
  });
  handle(recoverPassword, (context) => {
    requireLink(context.body.secret);
    return startSession(context, 'admin');
  });
  handle(signIn, (context) => {
    const { world, body } = context;
    if (world.throttledUntilMs > world.now()) throw throttled(world);
    if (
      body.password.length < 8 ||
      !world.administrators.some((one) => one.name === body.name && one.state === 'active')
    ) {
      world.failedSignIns += 1;
      if (world.failedSignIns >= 5) {
        world.failedSignIns = 0;
        world.throttledUntilMs = world.now() + 45_000;
        throw throttled(world);
      }
      throw new Refusal(401, 'SIGN_IN_REFUSED', 'Name or password is wrong.');
    }
    world.failedSignIns = 0;
    return startSession(context, body.name);
  });
  handle(getCurrentSession, ({ world, session }) => currentOf(world, requireSession(session)));
  handle(signOut, ({ world, session }) => {
    world.sessions = world.sessions.filter((one) => one.id !== session?.id);
    return null;
  });
  handle(changeOwnPassword, ({ world, body, session }) => {
    if (body.currentPassword.length < 8) {
      throw new Refusal(422, 'CURRENT_PASSWORD_WRONG', 'The current password is wrong.');
    }
    const own = requireSession(session);
    world.sessions = world.sessions.filter(
      (one) => one.id === own.id || one.administratorId !== own.administratorId,
    );
    return null;
  });
  handle(listSessions, ({ world, query, session }) => {
    const own = requireSession(session);
    return {
      sessions: world.sessions
        .filter((one) => query.everyone === true || one.administratorId === own.administratorId)
        .map(({ token: _token, csrfToken: _csrfToken, ...one }) => ({
          ...one,
          isCurrent: one.id === own.id,
        })),
    };
  });
  handle(revokeSession, ({ world, params }) => {
    world.sessions = world.sessions.filter((one) => one.id !== params.sessionId);
    return null;
  });
  handle(listAdministrators, ({ world }) => ({ administrators: world.administrators, nextCursor: null }));
  handle(inviteAdministrator, ({ world, body }) => {
    if (world.administrators.some((one) => one.name === body.name)) {
      throw new Refusal(409, 'ADMINISTRATOR_NAME_TAKEN', 'There is an administrator of this name already.', {
        remedy: 'Choose another name.',
      });
    }
    const administrator = addAdministrator(world, body.name, body.displayName, body.grants, 'invited');
    record(world, {
      action: 'administrator.invited',
      objectKind: 'administrator',
      objectId: administrator.id,
      objectName: body.name,
    });
    return {
      administrator,
      link: `https://holdfast.example.net:8443/invitation#${world.random.base64Url(43)}`,
      addresses: ['https://holdfast.example.net:8443', 'https://10.20.0.5:8443', 'https://localhost:8443'],
      expiresAt: isoAt(world.now() + 48 * 3_600_000),
    };
  });
  handle(setAdministratorState, ({ world, params, body }) => {
    const index = world.administrators.findIndex((one) => one.id === params.administratorId);
    const administrator = world.administrators[index];
    if (administrator === undefined) throw notFound();
    const others = world.administrators.filter(
      (one) =>
        one.id !== administrator.id &&
        one.state === 'active' &&
        one.grants.some((grant) => grant.roleId === builtInRoleIds.enterpriseAdministrator),
    );
    if (body.state === 'disabled' && others.length === 0) {
      throw new Refusal(
        409,
        'LAST_ADMINISTRATOR',
        'The last active enterprise administrator cannot be disabled.',
        {
          remedy: 'Invite or enable another enterprise administrator first.',
        },
      );
    }
    const next = { ...administrator, state: body.state };
    world.administrators[index] = next;
    return next;
  });
  handle(listRoles, ({ world }) => ({
    roles: roles.map((role) => ({
      ...role,
      holderCount: world.administrators.filter((one) => one.grants.some((grant) => grant.roleId === role.id))
        .length,
    })),
  }));
  handle(createRole, ({ world, body }) => {
    requireFreeName(body.name);
    const role: Role = {
      ...body,
      id: world.random.uuid(world.now()),
      isBuiltIn: false,
      revision: 1,
      holderCount: 0,
    };
    roles.push(role);
    return role;
  });
  handle(changeRole, ({ params, body }) => {
    const role = ownRole(params.roleId);
    if (role.name !== body.name) requireFreeName(body.name);
    if (role.revision !== body.revision)
      throw new Refusal(409, 'ROLE_CHANGED', 'Somebody else changed this role.');
    return Object.assign(role, body, { revision: role.revision + 1 });
  });
  handle(deleteRole, ({ world, params }) => {
    const role = ownRole(params.roleId);
    roles.splice(roles.indexOf(role), 1);
    let takenCount = 0;
    for (const one of world.administrators) {
      const left = one.grants.filter((grant) => grant.roleId !== role.id);
      takenCount += one.grants.length - left.length;
      one.grants = left;
    }
    return { takenCount };
  });
  handle(giveGrant, ({ world, params, body }) =>
    changeGrants(world, params.administratorId, (grants) =>
      grants.some((one) => one.roleId === body.roleId && one.groupId === body.groupId)
        ? grants
        : [...grants, heldGrant(world, body)],
    ),
  );
  handle(takeGrant, ({ world, params }) =>
    changeGrants(world, params.administratorId, (grants) =>
      grants.filter((grant) => grant.id !== params.grantId),
    ),
  );
  handle(listApiKeys, ({ world }) => ({ apiKeys: world.apiKeys, nextCursor: null }));
  handle(createApiKey, ({ world, body }) => {
    const key = `hfk_${world.random.base64Url(43)}`;
    const apiKey = {
      id: world.random.uuid(world.now()),
      name: body.name,
      prefix: key.slice(0, 9),
      permissions: body.permissions,
      scopeGroupId: body.scopeGroupId ?? null,
      createdAt: isoAt(world.now()),
      createdBy: 'admin',
      isScopeGone: false,
      madeKeyCount: 0,
      expiresAt: body.expiresInMs === undefined ? null : isoAt(world.now() + body.expiresInMs),
      lastUsedAt: null,
    };
    world.apiKeys.unshift(apiKey);
    return { apiKey, key };
  });
  handle(revokeApiKey, ({ world, params }) => {
    world.apiKeys = world.apiKeys.filter((key) => key.id !== params.apiKeyId);
    return { revokedCount: 1 };
  });
}

function changeGrants(
  world: World,
  administratorId: string,
  change: (grants: Administrator['grants']) => Administrator['grants'],
): Administrator {
  const index = world.administrators.findIndex((one) => one.id === administratorId);
  const administrator = world.administrators[index];
  if (administrator === undefined) throw notFound();
  const next = { ...administrator, grants: change(administrator.grants) };
  world.administrators[index] = next;
  return next;
}

function ownRole(roleId: string): Role {
  const role = roles.find((one) => one.id === roleId && !one.isBuiltIn);
  if (role === undefined) throw notFound();
  return role;
}

function requireFreeName(name: string): void {
  if (roles.some((role) => role.name.toLowerCase() === name.toLowerCase()))
    throw new Refusal(409, 'ROLE_NAME_TAKEN', 'There is a role of this name already.', {
      remedy: 'Choose another name.',
    });
}

function requireLink(secret: string): void {
  if (secret.startsWith('used')) throw linkUsed();
  if (secret.startsWith('expired')) {
    throw new Refusal(410, 'LINK_EXPIRED', 'This link has expired.', {
      remedy: 'Get a new one: holdfast admin setup-link',
    });
  }
}

function linkUsed(): Refusal {
  return new Refusal(410, 'LINK_USED', 'This link was used already.', {
    remedy: 'Sign in instead, or get a new one: holdfast admin setup-link',
  });
}

function throttled(world: World): Refusal {
  return new Refusal(429, 'SIGN_IN_THROTTLED', 'Too many attempts to sign in.', {
    facts: { retryAfterMs: world.throttledUntilMs - world.now() },
  });
}

export function requireSession(session: World['sessions'][number] | undefined): World['sessions'][number] {
  if (session === undefined) throw new Refusal(401, 'NOT_SIGNED_IN', 'Sign in first.');
  return session;
}

function addAdministrator(
  world: World,
  name: string,
  displayName: string,
  grants: readonly GrantChoice[] = [{ roleId: builtInRoleIds.enterpriseAdministrator, groupId: null }],
  state: 'active' | 'invited' = 'active',
) {
  const administrator = {
    id: world.random.uuid(world.now()),
    name,
    displayName,
    grants: grants.map((grant) => heldGrant(world, grant)),
    state,
    createdAt: isoAt(world.now()),
    lastSignInAt: null,
  };
  world.administrators.push(administrator);
  return administrator;
}

function startSession(
  { world, setCookie }: Pick<MockContext<typeof signIn>, 'world' | 'setCookie'>,
  name: string,
): CurrentSession {
  const nowMs = world.now();
  const administrator = world.administrators.find((one) => one.name === name);
  if (administrator === undefined) throw notFound();
  const session = {
    id: world.random.uuid(nowMs),
    administratorId: administrator.id,
    administratorName: administrator.name,
    createdAt: isoAt(nowMs),
    lastUsedAt: isoAt(nowMs),
    expiresAt: isoAt(nowMs + 12 * 3_600_000),
    remoteAddress: '127.0.0.1',
    userAgent:
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
    isCurrent: true,
    token: world.random.base64Url(43),
    csrfToken: world.random.base64Url(32),
  };
  world.sessions.unshift(session);
  setCookie(session.token);
  return currentOf(world, session);
}

function currentOf(world: World, session: World['sessions'][number]): CurrentSession {
  const administrator = world.administrators.find((one) => one.id === session.administratorId);
  if (administrator === undefined) throw notFound();
  return {
    kind: 'administrator',
    id: administrator.id,
    name: administrator.name,
    displayName: administrator.displayName,
    permissions: [...new Set(effectiveGrantsOf(administrator).flatMap((grant) => grant.permissions))],
    grants: effectiveGrantsOf(administrator),
    roles: administrator.grants,
    sessionId: session.id,
    csrfToken: session.csrfToken,
    server: { version: '0.1.0', name: 'holdfast.example.net' },
  };
}
