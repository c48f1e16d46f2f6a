/** A server with a few routes, for tests of what every route goes through. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { defineRoute, permissions, type Problem } from '@holdfast/api';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import { Type } from 'typebox';
import { createTestClock } from '../clock/test-clock.ts';
import { AccessError } from '../access/access.errors.ts';
import type { Authentication } from '../access/authentication.ts';
import { Grants } from '../access/grants.ts';
import { createHttpServer, type HttpServer } from './http-server.ts';
import { defaultRequestLimits, type RequestLimitSettings } from './request-limits.ts';

export const closed = { additionalProperties: false } as const;
export const publicAccess = { public: true, because: 'planted by a test for everybody' } as const;
export const base = { tag: 'Test', summary: 'planted' } as const;

export const readThing = defineRoute({
  ...base,
  name: 'readThing',
  method: 'GET',
  path: '/api/v1/things/:number',
  access: { permission: 'directory:read' },
  params: Type.Object({ number: Type.Integer({ minimum: 1 }) }, closed),
  query: Type.Object(
    {
      limit: Type.Optional(Type.Integer({ maximum: 10 })),
      deep: Type.Optional(Type.Boolean()),
      text: Type.Optional(Type.String()),
    },
    closed,
  ),
  response: Type.Object({ echo: Type.Unknown() }),
});
export const writeThing = defineRoute({
  ...base,
  name: 'writeThing',
  method: 'POST',
  path: '/api/v1/things',
  access: { permission: 'directory:edit' },
  body: Type.Object({ name: Type.String({ maxLength: 10 }), count: Type.Optional(Type.Integer()) }, closed),
  response: Type.Object({ name: Type.String() }),
});
const enter = defineRoute({
  ...base,
  name: 'enter',
  method: 'POST',
  path: '/api/v1/enter',
  access: publicAccess,
  body: Type.Object({ name: Type.String() }, closed),
});
const poke = defineRoute({
  ...base,
  name: 'poke',
  method: 'POST',
  path: '/api/v1/poke',
  access: { signedIn: true },
});

export const COOKIE = { cookie: '__Host-holdfast=good' };
export const CSRF = { 'x-csrf-token': 'csrf-of-good' };
export const clock = createTestClock();
let http: HttpServer | undefined;
let logLines: string[] = [];

/** Lines of the log of the server that was planted last. */
export function readLogLines(): readonly string[] {
  return logLines;
}

export async function closePlanted(): Promise<void> {
  await http?.app.close();
  http = undefined;
}

interface PlantOptions {
  readonly limits?: RequestLimitSettings;
  readonly prepare?: (server: HttpServer) => void;
  readonly isStrictTransport?: boolean;
  readonly isResponseChecked?: boolean;
  /** What is known of a caller some time later; the same unless told. */
  readonly lookAgain?: Authentication['lookAgain'];
}

/** A server with these routes, and with callers whom everybody knows. */
export async function plant(
  options: PlantOptions = {},
): Promise<(request: InjectOptions) => Promise<LightMyRequestResponse>> {
  logLines = [];
  const server = await createHttpServer({
    clock,
    log: pino({ level: 'trace' }, { write: (line) => void logLines.push(line) }),
    createId: randomUUID,
    isResponseChecked: options.isResponseChecked ?? true,
    isStrictTransport: options.isStrictTransport ?? false,
    // A test waits for no refusal.
    limits: { ...(options.limits ?? defaultRequestLimits), refusalPauseMs: 0 },
  });
  http = server;
  server.useAuthentication({
    async authenticateSession(token) {
      if (token !== 'good') throw new AccessError('SESSION_EXPIRED', 'The session has ended.');
      return {
        kind: 'administrator',
        id: 'a1',
        name: 'anna',
        displayName: 'Anna',
        sessionId: 's1',
        csrfToken: 'csrf-of-good',
        grants: new Grants([{ permissions: new Set(permissions), groupId: null }]),
      };
    },
    async authenticateApiKey(key) {
      if (key !== 'hfk_reader') throw new AccessError('NOT_SIGNED_IN', 'The API key is not known.');
      return {
        kind: 'api-key',
        isForTime: false,
        id: 'k1',
        name: 'reader',
        grants: new Grants([{ permissions: new Set(['directory:read']), groupId: null }]),
      };
    },
    async authenticateProduct(token) {
      if (!token.startsWith('product-'))
        throw new AccessError('ACCESS_TOKEN_INVALID', 'The token is not valid.');
      return { kind: 'product', productNumber: Number(token.slice(8)), epoch: 1 };
    },
    lookAgain: options.lookAgain ?? (async (actor) => await Promise.resolve(actor)),
  });
  server.registerRoute(readThing, async ({ params, query }) => ({ echo: { params, query } }));
  server.registerRoute(
    writeThing,
    async ({ body }) => ({ name: body.name, secret: 'never leaves' }) as { name: string },
  );
  server.registerRoute(enter, async () => null);
  server.registerRoute(poke, async () => null);
  options.prepare?.(server);
  await server.app.ready();
  return async (request) => await server.app.inject(request);
}

export function assertProblem(answer: LightMyRequestResponse, status: number, code: string): Problem {
  assert.equal(answer.statusCode, status, answer.body);
  assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
  const problem = answer.json<Problem>();
  assert.equal(problem.code, code);
  assert.equal(problem.status, status);
  assert.equal(problem.requestId, answer.headers['x-request-id']);
  return problem;
}
