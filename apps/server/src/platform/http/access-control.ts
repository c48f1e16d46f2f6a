import { createHash, timingSafeEqual } from 'node:crypto';
import type {
  FastifyInstance,
  FastifyRequest,
  onRequestHookHandler,
  preHandlerHookHandler,
  RouteOptions,
} from 'fastify';
import { AccessError } from '../access/access.errors.ts';
import { type Actor, requirePermission } from '../access/actor.ts';
import { type Authentication, CSRF_HEADER, SESSION_COOKIE } from '../access/authentication.ts';
import { isServerRouteAccess, type ServerRouteAccess } from '../access/route-access.ts';
import { HttpError } from './http.errors.ts';
import type { PacedCaller, RefusalPacer } from './refusal-pacer.ts';
import { requestFacts } from './request-facts.ts';
import type { RequestClass, RequestLimits } from './request-limits.ts';
import { addRouteHook } from './route-hooks.ts';

const READING_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);
const BEARER = /^Bearer ([\x21-\x7e]{1,4096})$/i;

/** Routes whose callers are known before the body is read. */
type CallerAccess = Exclude<ServerRouteAccess, { public: true } | { selfProving: true }>;

/** A route as it was registered, for the list of all of them. */
export interface RegisteredRoute {
  readonly method: string;
  readonly url: string;
  readonly access: ServerRouteAccess;
}

export interface AccessControlParts {
  readonly limits: RequestLimits;
  readonly pacer: RefusalPacer;
  readonly findAuthentication: () => Authentication | undefined;
  /** Told the address of every caller who proved who they are. */
  readonly onProven: (remoteAddress: string) => void;
}

/**
 * Decides about every request that the framework serves before its body is read: limits by address, who calls, whether the route's
 * declaration lets this caller in, limits by caller. Decides about the caller of a write once more when all of it has come.
 * Invariant: no route without a declaration of who may call it.
 */
export function installAccessControl(
  app: FastifyInstance,
  { limits, pacer, findAuthentication, onProven }: AccessControlParts,
): readonly RegisteredRoute[] {
  const routes: RegisteredRoute[] = [];
  app.addHook('onRoute', (route) => {
    const access: unknown = route.config?.access;
    if (!isServerRouteAccess(access)) {
      throw new Error(`Route ${String(route.method)} ${route.url} does not declare who may call it`);
    }
    for (const method of [route.method].flat()) routes.push({ method, url: route.url, access });
    const requestClass = route.config?.requestClass ?? 'page';
    addRouteHook(route, 'onRequest', createAccessHook(access, requestClass));
    addRouteHook(route, 'onRequest', createAdmission(route, requestClass));
    if (!('public' in access || 'selfProving' in access))
      addRouteHook(route, 'preHandler', createSecondLook(access));
  });
  app.decorateRequest('actor');
  app.decorateRequest('turn');
  app.decorateRequest('hasAccessDecision', false);
  app.addHook('onRequest', (request, _reply, done) => {
    request.actor = ANONYMOUS;
    if (!request.is404) return done();
    // Nothing is there to be protected; the answer is the same for everybody.
    request.hasAccessDecision = true;
    pacer.finish(
      pacedCaller(request),
      done,
      refusalOf(() => limits.countAddress('page', request.ip)),
    );
  });
  return routes;

  /** After it is known who calls, and before the body is read. */
  function createAdmission(route: RouteOptions, requestClass: RequestClass): onRequestHookHandler {
    const bodyLimit = route.bodyLimit ?? 0;
    const isHeavy = route.config?.isHeavy === true;
    return (request, reply, done) => {
      const { actor } = request;
      const admissionClass = admissionClassOf(requestClass, isHeavy, actor);
      if (admissionClass === undefined) return done();
      const key = actor.kind === 'anonymous' ? undefined : actorKey(actor);
      pacer.finish(
        pacedCaller(request),
        done,
        refusalOf(() => {
          const turn = limits.admit(admissionClass, key, announcedBytes(request, bodyLimit), () =>
            request.raw.destroy(),
          );
          request.turn = turn;
          // Comes for every answer, also for one that nobody is there any more to have.
          reply.raw.once('close', () => turn.end());
        }),
      );
    };
  }

  /**
   * A body may be half a minute on its way, and a turn as long in coming: whoever was ended meanwhile, or lost the right, is refused
   * here. What only reads and waited for nothing was looked at a moment ago.
   */
  function createSecondLook(access: CallerAccess): preHandlerHookHandler {
    const lookAgain = async (request: FastifyRequest): Promise<void> => {
      const { actor, turn } = request;
      await turn?.take();
      if (READING_METHODS.has(request.method) && turn?.hasWaited !== true) return;
      if (actor.kind === 'anonymous' || actor.kind === 'system') throw new Error('A caller without a name');
      request.actor = await requireAuthentication().lookAgain(actor);
      if ('permission' in access) requirePermission(request.actor, access.permission);
    };
    return (request, _reply, done) => {
      lookAgain(request).then(
        () => done(),
        (error: unknown) => done(error as Error),
      );
    };
  }

  function requireAuthentication(): Authentication {
    const authentication = findAuthentication();
    if (authentication === undefined) throw new Error('No module authenticates callers');
    return authentication;
  }

  function createAccessHook(access: ServerRouteAccess, requestClass: RequestClass): onRequestHookHandler {
    if ('public' in access || 'selfProving' in access) {
      const isPublic = 'public' in access;
      return (request, _reply, done) => {
        const refusal = refusalOf(() => {
          limits.countAddress(requestClass, request.ip);
          if (isPublic) refuseForeignOrigin(request);
        });
        request.hasAccessDecision = refusal === undefined;
        pacer.finish(pacedCaller(request), done, refusal);
      };
    }
    const decide = async (request: FastifyRequest): Promise<void> => {
      limits.countAddress(requestClass, request.ip);
      const authentication = requireAuthentication();
      if ('product' in access) {
        request.actor = await authenticateProduct(request, authentication);
      } else {
        request.actor = await authenticateAdministrator(request, authentication);
        if ('permission' in access) requirePermission(request.actor, access.permission);
      }
      onProven(request.ip);
      limits.countActor(requestClass, actorKey(request.actor));
      request.hasAccessDecision = true;
    };
    return (request, _reply, done) => {
      decide(request).then(
        () => done(),
        (error: unknown) => pacer.finish(pacedCaller(request), done, error as Error),
      );
    };
  }
}

/** The class at work, which differs by caller: what programs ask for leaves people alone. Undefined: nothing is limited at work. */
function admissionClassOf(
  requestClass: RequestClass,
  isHeavy: boolean,
  actor: Actor,
): RequestClass | undefined {
  if (requestClass.startsWith('mcp-')) return requestClass;
  if (requestClass !== 'api' || actor.kind === 'anonymous') return undefined;
  if (actor.kind === 'api-key') return isHeavy ? 'api-key-heavy' : 'api-key';
  return isHeavy ? 'api-heavy' : 'api';
}

function pacedCaller(request: FastifyRequest): PacedCaller {
  return { connection: request.raw.socket, address: request.ip };
}

/** What the body says of its length, and what it may have where it says nothing. */
function announcedBytes(request: FastifyRequest, bodyLimit: number): number {
  if (request.headers['transfer-encoding'] !== undefined) return bodyLimit;
  // A length beyond the limit is refused before anything of it is read.
  return Math.min(Number(request.headers['content-length'] ?? 0), bodyLimit);
}

function refusalOf(check: () => void): Error | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

const ANONYMOUS: Actor = { kind: 'anonymous' };

async function authenticateAdministrator(
  request: FastifyRequest,
  authentication: Authentication,
): Promise<Actor> {
  const key = bearerOf(request);
  if (key !== undefined) return await authentication.authenticateApiKey(key, requestFacts(request));
  const token = request.cookies[SESSION_COOKIE];
  if (token === undefined || token === '') {
    throw new AccessError('NOT_SIGNED_IN', 'This needs a signed-in administrator or an API key.', {
      remedy: 'Sign in, or send an API key in the header Authorization.',
    });
  }
  // A browser sends the cookie on its own, so a write must also prove that our own page asked for it.
  refuseForeignOrigin(request);
  const actor = await authentication.authenticateSession(token, requestFacts(request));
  if (!READING_METHODS.has(request.method)) verifyCsrfToken(request, actor);
  return actor;
}

async function authenticateProduct(request: FastifyRequest, authentication: Authentication): Promise<Actor> {
  const accessToken = bearerOf(request);
  if (accessToken === undefined) {
    throw new AccessError('ACCESS_TOKEN_INVALID', 'This call needs the access token of a handshake.');
  }
  return await authentication.authenticateProduct(accessToken, requestFacts(request));
}

function bearerOf(request: FastifyRequest): string | undefined {
  const { authorization } = request.headers;
  if (authorization === undefined) return undefined;
  const match = BEARER.exec(authorization);
  // Another scheme is a credential that proves nobody; falling back to the cookie would hide a mistake.
  return match?.[1] ?? '';
}

function verifyCsrfToken(request: FastifyRequest, actor: Actor): void {
  const received = request.headers[CSRF_HEADER];
  const expected = actor.kind === 'administrator' ? actor.csrfToken : undefined;
  if (typeof received === 'string' && expected !== undefined && isSameText(received, expected)) return;
  throw new AccessError('CSRF_TOKEN_INVALID', 'The request does not carry the token of its session.', {
    remedy: 'Reload the page and try again.',
  });
}

// Comparing digests takes the same time for any two texts, whatever their lengths.
function isSameText(first: string, second: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(first), digest(second));
}

/**
 * A write that another site started is refused, also before sign-in: otherwise a foreign page could sign the visitor in
 * to an account of its choice. Programs send neither header and are not concerned.
 */
function refuseForeignOrigin(request: FastifyRequest): void {
  if (READING_METHODS.has(request.method)) return;
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) {
    if (site === 'same-origin' || site === 'none') return;
  } else {
    const { origin } = request.headers;
    if (origin === undefined || hostOf(origin) === request.headers.host) return;
  }
  throw new HttpError('CROSS_SITE_REFUSED', 'The request was started by another site.', {
    remedy: 'Open the console at its own address and try again.',
  });
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function actorKey(actor: Actor): string {
  switch (actor.kind) {
    case 'administrator':
    case 'api-key':
      return `${actor.kind}:${actor.id}`;
    case 'product':
      return `product:${actor.productNumber}`;
    case 'anonymous':
    case 'system':
      return actor.kind;
  }
}
