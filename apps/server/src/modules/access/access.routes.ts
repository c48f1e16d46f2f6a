import {
  acceptInvitation,
  changeOwnPassword,
  changeRole,
  checkPassword,
  createApiKey,
  createFirstAdministrator,
  createRole,
  type CurrentSession,
  deleteRole,
  getCurrentSession,
  getInvitation,
  getRecovery,
  getSetup,
  getSetupLink,
  giveGrant,
  type HeldGrant,
  inviteAdministrator,
  listAdministrators,
  listApiKeys,
  listRoles,
  listSessions,
  recoverPassword,
  revokeApiKey,
  revokeSession,
  setAdministratorState,
  signIn,
  signOut,
  takeGrant,
} from '@holdfast/api';
import type { FastifyReply } from 'fastify';
import { AccessError } from '../../platform/access/access.errors.ts';
import type { Actor } from '../../platform/access/actor.ts';
import { permissionsIn } from '../../platform/access/grants.ts';
import { SESSION_COOKIE } from '../../platform/access/authentication.ts';
import { defineCursor } from '../../platform/http/cursor.ts';
import type { Platform } from '../../platform/platform.ts';
import type { AdministratorService } from './administrators.service.ts';
import type { ApiKeyService } from './api-keys.service.ts';
import type { ApiKeyPlace } from './api-keys.store.ts';
import type { GrantService } from './grants.service.ts';
import type { PasswordCheckService } from './password-check.service.ts';
import type { RecoveryService } from './recovery.service.ts';
import type { RoleService } from './roles.service.ts';
import type { StartedSession } from './session-start.service.ts';
import type { SetupService } from './setup.service.ts';
import type { SignInService } from './sign-in.service.ts';

export interface AccessServices {
  readonly setup: SetupService;
  readonly passwordCheck: PasswordCheckService;
  readonly recovery: RecoveryService;
  readonly signIn: SignInService;
  readonly administrators: AdministratorService;
  readonly grants: GrantService;
  readonly roles: RoleService;
  readonly apiKeys: ApiKeyService;
}

/** The name by which administrators are ordered. */
const administratorCursor = defineCursor('administrators', 'text');
const apiKeyCursor = defineCursor('API keys', 'instant', 'uuid');

export function registerAccessRoutes(
  platform: Pick<Platform, 'registerRoute' | 'server'>,
  services: AccessServices,
): void {
  const { registerRoute, server } = platform;
  const describeSession = async (actor: Actor): Promise<CurrentSession> =>
    toCurrentSession(actor, await services.grants.listOwn(actor), server);
  const answerSession = async (reply: FastifyReply, started: StartedSession): Promise<CurrentSession> => {
    reply.setCookie(SESSION_COOKIE, started.token, cookieOptions);
    return await describeSession(started.actor);
  };

  registerRoute(getSetup, async () => ({
    isNeeded: await services.setup.isNeeded(),
    serverName: server.name,
  }));
  registerRoute(checkPassword, async ({ body, reply }) => {
    const strength = await services.passwordCheck.check(body, reply.request.cookies[SESSION_COOKIE]);
    return { ...strength, hints: [...strength.hints] };
  });
  registerRoute(getSetupLink, async ({ body }) => await services.setup.getLink(body.secret));
  registerRoute(
    createFirstAdministrator,
    async ({ body, request, reply }) =>
      await answerSession(reply, await services.setup.createFirstAdministrator(body, request)),
  );
  registerRoute(getInvitation, async ({ body }) => await services.setup.getInvitation(body.secret));
  registerRoute(
    acceptInvitation,
    async ({ body, request, reply }) =>
      await answerSession(reply, await services.setup.acceptInvitation(body, request)),
  );
  registerRoute(getRecovery, async ({ body }) => await services.recovery.get(body.secret));
  registerRoute(
    recoverPassword,
    async ({ body, request, reply }) =>
      await answerSession(reply, await services.recovery.recover(body, request)),
  );
  registerRoute(
    signIn,
    async ({ body, request, reply }) =>
      await answerSession(
        reply,
        await services.signIn.signIn(body, request, {
          replacedToken: reply.request.cookies[SESSION_COOKIE],
          isWanted: () => !reply.request.raw.socket.destroyed,
        }),
      ),
  );
  registerRoute(getCurrentSession, async ({ actor }) => await describeSession(actor));
  registerRoute(signOut, async ({ actor, request, reply }) => {
    await services.signIn.signOut(actor, request);
    reply.clearCookie(SESSION_COOKIE, cookieOptions);
    return null;
  });
  registerRoute(changeOwnPassword, async ({ actor, body, request }) => {
    await services.signIn.changeOwnPassword(actor, body, request);
    return null;
  });
  registerRoute(listSessions, async ({ actor, query }) => ({
    sessions: await services.administrators.listSessions(actor, { isEveryone: query.everyone ?? false }),
  }));
  registerRoute(revokeSession, async ({ actor, params, request }) => {
    await services.administrators.revokeSession(actor, params.sessionId, request);
    return null;
  });
  registerRoute(listAdministrators, async ({ actor, query }) => {
    const { cursor, limit } = query;
    const [after] = cursor === undefined ? [] : administratorCursor.decode(cursor);
    const { administrators, nextAfter } = await services.administrators.listAdministrators(actor, {
      after,
      limit,
    });
    return { administrators, nextCursor: nextAfter === null ? null : administratorCursor.encode(nextAfter) };
  });
  registerRoute(
    inviteAdministrator,
    async ({ actor, body, request }) => await services.administrators.invite(actor, body, request),
  );
  registerRoute(
    setAdministratorState,
    async ({ actor, params, body, request }) =>
      await services.administrators.setState(actor, params.administratorId, body.state, request),
  );
  registerRoute(
    giveGrant,
    async ({ actor, params, body, request }) =>
      await services.grants.give(actor, params.administratorId, body, request),
  );
  registerRoute(
    takeGrant,
    async ({ actor, params, request }) =>
      await services.grants.take(actor, params.administratorId, params.grantId, request),
  );
  registerRoute(listRoles, async ({ actor }) => ({ roles: await services.roles.list(actor) }));
  registerRoute(
    createRole,
    async ({ actor, body, request }) => await services.roles.create(actor, body, request),
  );
  registerRoute(
    changeRole,
    async ({ actor, params, body, request }) =>
      await services.roles.change(actor, params.roleId, body, request),
  );
  registerRoute(deleteRole, async ({ actor, params, request }) => ({
    takenCount: await services.roles.delete(actor, params.roleId, request),
  }));
  registerRoute(listApiKeys, async ({ actor, query }) => {
    const { cursor, limit } = query;
    const { apiKeys, nextAfter } = await services.apiKeys.list(actor, {
      after: cursor === undefined ? undefined : readApiKeyPlace(cursor),
      limit,
    });
    return {
      apiKeys,
      nextCursor:
        nextAfter === null ? null : apiKeyCursor.encode(nextAfter.createdAt.getTime(), nextAfter.id),
    };
  });
  registerRoute(
    createApiKey,
    async ({ actor, body, request }) => await services.apiKeys.create(actor, body, request),
  );
  registerRoute(revokeApiKey, async ({ actor, params, request }) => ({
    revokedCount: await services.apiKeys.revoke(actor, params.apiKeyId, request),
  }));
}

// No lifetime: it ends with the browser. Strict: no other site's link or form carries it.
const cookieOptions = { path: '/', secure: true, httpOnly: true, sameSite: 'strict' } as const;

function toCurrentSession(actor: Actor, roles: HeldGrant[], server: Platform['server']): CurrentSession {
  if (actor.kind !== 'administrator' && actor.kind !== 'api-key') {
    throw new AccessError('NOT_SIGNED_IN', 'This needs a signed-in administrator or an API key.');
  }
  const isPerson = actor.kind === 'administrator';
  return {
    kind: actor.kind,
    id: actor.id,
    name: actor.name,
    displayName: isPerson ? actor.displayName : actor.name,
    permissions: [...permissionsIn(actor.grants.list)].filter((name) => actor.grants.mayAnywhere(name)),
    grants: actor.grants.list.map(({ permissions, groupId }) => ({ permissions: [...permissions], groupId })),
    roles,
    sessionId: isPerson ? actor.sessionId : null,
    csrfToken: isPerson ? actor.csrfToken : null,
    server: { version: server.version, name: server.name },
  };
}

function readApiKeyPlace(cursor: string): ApiKeyPlace {
  const [createdAtMs, id] = apiKeyCursor.decode(cursor);
  return { createdAt: new Date(createdAtMs), id };
}
