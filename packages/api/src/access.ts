import { type Static, Type } from 'typebox';
import type { ApiClient } from './client.ts';
import { EffectiveGrant, GrantChoice, HeldGrant, maxGrantsPerAdministrator, Permissions } from './grants.ts';
import { permissions } from './permissions.ts';
import { defineRoute, type ResponseOf } from './route.ts';
import { Cursor, Instant, Name, oneOf, PageLimit, Uuid } from './scalars.ts';

/** Sign-in name: what is typed, compared without case. */
export const SignInName = Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9._@-]+$' });
/** Shorter passwords are refused when they are chosen. */
export const minPasswordCharacters = 12;
export const Password = Type.String({ minLength: 1, maxLength: 1024 });
/** One-time secret of a set-up or invitation link, from the fragment of its address. */
export const LinkSecret = Type.String({ minLength: 20, maxLength: 128 });

export const CurrentSession = Type.Object({
  /** What the caller is: a person with a session or a program with a key. */
  kind: oneOf(['administrator', 'api-key'] as const),
  id: Uuid,
  name: Type.String(),
  displayName: Type.String(),
  /** What the caller may do at one place at least. */
  permissions: Permissions,
  /** What it may do where. They add up. */
  grants: Type.Array(EffectiveGrant),
  /** The roles behind them; none of an API key. */
  roles: Type.Array(HeldGrant),
  sessionId: Type.Union([Uuid, Type.Null()]),
  /** To be sent as `X-CSRF-Token` with every write of a browser session. */
  csrfToken: Type.Union([Type.String(), Type.Null()]),
  server: Type.Object({ version: Type.String(), name: Type.String() }),
});
export type CurrentSession = Static<typeof CurrentSession>;

export const Administrator = Type.Object({
  id: Uuid,
  name: Type.String(),
  displayName: Type.String(),
  /** Oldest first. */
  grants: Type.Array(HeldGrant),
  state: oneOf(['active', 'invited', 'disabled'] as const),
  createdAt: Instant,
  lastSignInAt: Type.Union([Instant, Type.Null()]),
});
export type Administrator = Static<typeof Administrator>;

export const Session = Type.Object({
  id: Uuid,
  administratorId: Uuid,
  administratorName: Type.String(),
  createdAt: Instant,
  lastUsedAt: Instant,
  expiresAt: Instant,
  remoteAddress: Type.String(),
  userAgent: Type.String(),
  isCurrent: Type.Boolean(),
});
export type Session = Static<typeof Session>;

export const ApiKey = Type.Object({
  id: Uuid,
  name: Type.String(),
  /** First characters of the key, to recognise it by; not secret. */
  prefix: Type.String(),
  permissions: Permissions,
  scopeGroupId: Type.Union([Uuid, Type.Null()]),
  /** The group was removed for good: the key opens nothing any more. */
  isScopeGone: Type.Boolean(),
  createdAt: Instant,
  createdBy: Type.String(),
  /** Keys that were made with this one, and with those: revoking this one revokes them too. */
  madeKeyCount: Type.Integer({ minimum: 0 }),
  expiresAt: Type.Union([Instant, Type.Null()]),
  lastUsedAt: Type.Union([Instant, Type.Null()]),
});
export type ApiKey = Static<typeof ApiKey>;

const tag = 'Access';
const link = { public: true, because: 'the one-time secret of the link is the proof' } as const;

export const getSetup = defineRoute({
  name: 'getSetup',
  method: 'GET',
  path: '/api/v1/setup',
  tag,
  summary: 'Whether the first administrator still has to be created',
  access: {
    public: true,
    because: 'the sign-in page asks before anyone can sign in; it says nothing but yes or no',
  },
  response: Type.Object({ isNeeded: Type.Boolean(), serverName: Type.String() }),
});

/** Password rules answered before submitting, so that the form can help while typing. */
export const checkPassword = defineRoute({
  name: 'checkPassword',
  method: 'POST',
  path: '/api/v1/password-check',
  tag,
  summary: 'How strong a new password would be',
  access: {
    public: true,
    because: 'the one-time secret of a link or a session is the proof; stores nothing',
  },
  body: Type.Object(
    {
      password: Password,
      name: Type.Optional(Type.String({ maxLength: 128 })),
      /** Of the link with which the password is chosen; left out in a session. */
      secret: Type.Optional(LinkSecret),
    },
    { additionalProperties: false },
  ),
  response: Type.Object({
    isAccepted: Type.Boolean(),
    score: Type.Integer({ minimum: 0, maximum: 4 }),
    hints: Type.Array(Type.String()),
  }),
});

export const getSetupLink = defineRoute({
  name: 'getSetupLink',
  method: 'POST',
  path: '/api/v1/setup/lookup',
  tag,
  access: link,
  summary: 'Until when a set-up link can be used',
  body: Type.Object({ secret: LinkSecret }, { additionalProperties: false }),
  response: Type.Object({ expiresAt: Instant }),
});

export const createFirstAdministrator = defineRoute({
  name: 'createFirstAdministrator',
  method: 'POST',
  path: '/api/v1/setup/administrator',
  tag,
  access: link,
  status: 201,
  summary: 'Create the first administrator with the one-time set-up link, and sign in',
  body: Type.Object(
    { secret: LinkSecret, name: SignInName, displayName: Type.Optional(Name), password: Password },
    { additionalProperties: false },
  ),
  response: CurrentSession,
});

export const getInvitation = defineRoute({
  name: 'getInvitation',
  method: 'POST',
  path: '/api/v1/invitations/lookup',
  tag,
  access: link,
  summary: 'For whom an invitation link is',
  body: Type.Object({ secret: LinkSecret }, { additionalProperties: false }),
  response: Type.Object({ name: Type.String(), displayName: Type.String(), expiresAt: Instant }),
});

export const acceptInvitation = defineRoute({
  name: 'acceptInvitation',
  method: 'POST',
  path: '/api/v1/invitations/accept',
  tag,
  access: link,
  status: 201,
  summary: 'Choose a password with an invitation link, and sign in',
  body: Type.Object({ secret: LinkSecret, password: Password }, { additionalProperties: false }),
  response: CurrentSession,
});

export const getRecovery = defineRoute({
  name: 'getRecovery',
  method: 'POST',
  path: '/api/v1/recoveries/lookup',
  tag,
  access: link,
  summary: 'For whom a recovery link is',
  body: Type.Object({ secret: LinkSecret }, { additionalProperties: false }),
  response: Type.Object({ name: Type.String(), displayName: Type.String(), expiresAt: Instant }),
});

export const recoverPassword = defineRoute({
  name: 'recoverPassword',
  method: 'POST',
  path: '/api/v1/recoveries/accept',
  tag,
  access: link,
  status: 201,
  summary: 'Choose a new password with a recovery link, and sign in; ends all other sessions of the account',
  body: Type.Object({ secret: LinkSecret, password: Password }, { additionalProperties: false }),
  response: CurrentSession,
});

export const signIn = defineRoute({
  name: 'signIn',
  method: 'POST',
  path: '/api/v1/sessions',
  tag,
  status: 201,
  summary: 'Sign in with name and password',
  access: { public: true, because: 'this is how a caller becomes known; throttled by name and address' },
  body: Type.Object({ name: SignInName, password: Password }, { additionalProperties: false }),
  response: CurrentSession,
});

export const getCurrentSession = defineRoute({
  name: 'getCurrentSession',
  method: 'GET',
  path: '/api/v1/session',
  tag,
  access: { signedIn: true },
  summary: 'Who am I, and what may I do',
  response: CurrentSession,
});

export const signOut = defineRoute({
  name: 'signOut',
  method: 'DELETE',
  path: '/api/v1/session',
  tag,
  access: { signedIn: true },
  summary: 'Sign out',
});

export const changeOwnPassword = defineRoute({
  name: 'changeOwnPassword',
  method: 'POST',
  path: '/api/v1/session/password',
  tag,
  access: { signedIn: true },
  summary: 'Change the own password; ends all other sessions of the account',
  body: Type.Object({ currentPassword: Password, newPassword: Password }, { additionalProperties: false }),
});

export const listSessions = defineRoute({
  name: 'listSessions',
  method: 'GET',
  path: '/api/v1/sessions',
  tag,
  access: { signedIn: true },
  summary: 'Own sessions; all sessions with `everyone=true` and administrators:read',
  query: Type.Object({ everyone: Type.Optional(Type.Boolean()) }, { additionalProperties: false }),
  response: Type.Object({ sessions: Type.Array(Session) }),
});

export const revokeSession = defineRoute({
  name: 'revokeSession',
  method: 'DELETE',
  path: '/api/v1/sessions/:sessionId',
  tag,
  access: { signedIn: true },
  summary: 'End a session: an own one, or any with administrators:manage',
  params: Type.Object({ sessionId: Uuid }, { additionalProperties: false }),
});

export const listAdministrators = defineRoute({
  name: 'listAdministrators',
  method: 'GET',
  path: '/api/v1/administrators',
  tag,
  access: { permission: 'administrators:read' },
  summary: 'Administrators, by name',
  query: Type.Object(
    { cursor: Type.Optional(Cursor), limit: Type.Optional(PageLimit) },
    { additionalProperties: false },
  ),
  response: Type.Object({
    administrators: Type.Array(Administrator),
    nextCursor: Type.Union([Cursor, Type.Null()]),
  }),
});

export const inviteAdministrator = defineRoute({
  name: 'inviteAdministrator',
  method: 'POST',
  path: '/api/v1/administrators',
  tag,
  status: 201,
  access: { permission: 'administrators:manage' },
  summary:
    'Invite an administrator; the answer holds the one-time link once. Nobody gives what they do not have there; keys invite nobody',
  body: Type.Object(
    {
      name: SignInName,
      displayName: Name,
      grants: Type.Array(GrantChoice, { minItems: 1, maxItems: maxGrantsPerAdministrator }),
    },
    { additionalProperties: false },
  ),
  response: Type.Object({
    administrator: Administrator,
    /** With the first of the addresses. */
    link: Type.String(),
    /** At which the invited may reach the server, preferred first; `replaceOrigin` puts another in front of the link. */
    addresses: Type.Array(Type.String()),
    expiresAt: Instant,
  }),
});

export const setAdministratorState = defineRoute({
  name: 'setAdministratorState',
  method: 'PUT',
  path: '/api/v1/administrators/:administratorId/state',
  tag,
  access: { permission: 'administrators:manage' },
  summary:
    'Disable or enable an administrator; disabling ends all sessions and keys. The last active enterprise administrator cannot be disabled; keys enable nobody',
  params: Type.Object({ administratorId: Uuid }, { additionalProperties: false }),
  body: Type.Object({ state: oneOf(['active', 'disabled'] as const) }, { additionalProperties: false }),
  response: Administrator,
});

export const giveGrant = defineRoute({
  name: 'giveGrant',
  method: 'POST',
  path: '/api/v1/administrators/:administratorId/grants',
  tag,
  access: { permission: 'administrators:manage' },
  summary:
    'Give an administrator a role in a place. Nobody gives what they do not have there, and keys give none; giving it twice changes nothing',
  params: Type.Object({ administratorId: Uuid }, { additionalProperties: false }),
  body: GrantChoice,
  response: Administrator,
});

export const takeGrant = defineRoute({
  name: 'takeGrant',
  method: 'DELETE',
  path: '/api/v1/administrators/:administratorId/grants/:grantId',
  tag,
  access: { permission: 'administrators:manage' },
  summary:
    'Take a role in a place from an administrator, at once. The last active enterprise administrator keeps that role',
  params: Type.Object({ administratorId: Uuid, grantId: Uuid }, { additionalProperties: false }),
  response: Administrator,
});

export const listApiKeys = defineRoute({
  name: 'listApiKeys',
  method: 'GET',
  path: '/api/v1/api-keys',
  tag,
  access: { permission: 'administrators:read' },
  summary: 'API keys, newest first',
  query: Type.Object(
    { cursor: Type.Optional(Cursor), limit: Type.Optional(PageLimit) },
    { additionalProperties: false },
  ),
  response: Type.Object({ apiKeys: Type.Array(ApiKey), nextCursor: Type.Union([Cursor, Type.Null()]) }),
});

export const createApiKey = defineRoute({
  name: 'createApiKey',
  method: 'POST',
  path: '/api/v1/api-keys',
  tag,
  status: 201,
  access: { permission: 'administrators:manage' },
  summary: 'Create an API key; the answer holds the key once. A key never may what its creator may not there',
  body: Type.Object(
    {
      name: Name,
      permissions: Type.Array(oneOf(permissions), { minItems: 1, maxItems: 64, uniqueItems: true }),
      scopeGroupId: Type.Optional(Uuid),
      expiresInMs: Type.Optional(Type.Integer({ minimum: 60_000, maximum: 157_680_000_000 })),
    },
    { additionalProperties: false },
  ),
  response: Type.Object({ apiKey: ApiKey, key: Type.String() }),
});

export const revokeApiKey = defineRoute({
  name: 'revokeApiKey',
  method: 'DELETE',
  path: '/api/v1/api-keys/:apiKeyId',
  tag,
  access: { permission: 'administrators:manage' },
  summary: 'Revoke an API key at once, with all keys that were made with it',
  params: Type.Object({ apiKeyId: Uuid }, { additionalProperties: false }),
  /** Counts the key itself too. */
  response: Type.Object({ revokedCount: Type.Integer({ minimum: 1 }) }),
});

/** All administrators by name, page after page. */
export async function listEveryAdministrator(
  client: Pick<ApiClient, 'call'>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Administrator[]> {
  const found: Administrator[] = [];
  let cursor: string | null = null;
  do {
    const query: { cursor?: string } = cursor === null ? {} : { cursor };
    const page: ResponseOf<typeof listAdministrators> = await client.call(listAdministrators, {
      ...options,
      query,
    });
    found.push(...page.administrators);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return found;
}
