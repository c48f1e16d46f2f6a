import { Readable } from 'node:stream';
import type { Route } from '@holdfast/api';
import { jsonBounds } from '@holdfast/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TSchema } from 'typebox';
import type { Actor, ProductActor } from '../access/actor.ts';
import type { ServerRouteAccess } from '../access/route-access.ts';
import { compiledSchema } from './compiled-schema.ts';
import type { BodyKind } from './fastify-augmentation.ts';
import type { HotCalls } from './hot-calls.ts';
import { requestFacts } from './request-facts.ts';
import type { RequestLimits } from './request-limits.ts';
import { compileRequestPart } from './request-schema.ts';
import type {
  McpAccess,
  McpRoute,
  RegisterHotMcpRoute,
  RegisterMcpFiles,
  RegisterMcpRoute,
  RegisterRoute,
} from './route-registrar.ts';

/** Enough for every call of the API; calls of products say their own limit. */
export const API_BODY_LIMIT = 256 * 1024;
/** Callers that are not known yet get less of the server's memory. */
export const PUBLIC_BODY_LIMIT = 16 * 1024;

export interface RouteRegistrars {
  readonly registerRoute: RegisterRoute;
  readonly registerMcpRoute: RegisterMcpRoute;
  readonly registerHotMcpRoute: RegisterHotMcpRoute;
  readonly registerMcpFiles: RegisterMcpFiles;
  /** What was registered of the contract, for the OpenAPI document. */
  readonly contractRoutes: readonly Route[];
  readonly mcpRoutes: readonly McpRoute<TSchema, TSchema>[];
}

export interface RouteRegistrarOptions {
  readonly limits: RequestLimits;
  readonly hotCalls: HotCalls;
  /** True in tests: an answer that does not keep its contract fails the request instead of only being trimmed. */
  readonly isResponseChecked: boolean;
}

/** Binds the contracts of the API and of the protocol to the framework. */
export function createRouteRegistrars(app: FastifyInstance, options: RouteRegistrarOptions): RouteRegistrars {
  const contractRoutes: Route[] = [];
  const mcpRoutes: McpRoute<TSchema, TSchema>[] = [];

  const registerRoute: RegisterRoute = (route, handler) => {
    contractRoutes.push(route);
    const hasBody = bodyKindOf(route.body) === 'json';
    const isPublic = 'public' in route.access;
    const check = options.isResponseChecked ? createResponseCheck(route.name, route.response) : undefined;
    app.route({
      method: route.method,
      url: route.path,
      bodyLimit: isPublic ? PUBLIC_BODY_LIMIT : API_BODY_LIMIT,
      config: {
        access: route.access,
        requestClass: isPublic ? 'public' : 'api',
        isHeavy: route.isHeavy,
        bodyKind: hasBody ? 'json' : 'none',
        routeName: route.name,
      },
      schema: {
        params: route.params,
        querystring: route.query,
        ...(hasBody ? { body: route.body } : {}),
      },
      handler: async (request, reply) => {
        const result: unknown = await inTurn(request, () =>
          handler({
            actor: request.actor,
            params: request.params as never,
            query: request.query as never,
            body: request.body as never,
            request: requestFacts(request),
            reply,
          }),
        );
        if (isAnswered(reply)) {
          // An answer that stays open has limits of its own, and holds nobody's place.
          request.turn?.end();
          return reply;
        }
        if (route.status === 204) return await reply.code(204).send();
        if (result instanceof Readable) return await reply.send(result);
        check?.(result);
        return await sendByContract(reply.code(route.status), route.response, result);
      },
    });
  };

  const registerMcpRoute: RegisterMcpRoute = (route, handler) => {
    mcpRoutes.push(route);
    const requestClass = `mcp-${route.requestClass}` as const;
    const bodyKind =
      route.body === undefined ? (route.method === 'GET' ? 'none' : 'bytes') : bodyKindOf(route.body);
    const check =
      options.isResponseChecked && route.response !== undefined
        ? createResponseCheck(route.name, route.response)
        : undefined;
    app.route({
      method: route.method,
      url: route.path,
      bodyLimit: route.bodyLimit,
      config: {
        access: accessOf(route),
        requestClass,
        bodyKind,
        routeName: route.name,
        jsonBounds,
        ...(route.gzip === undefined ? {} : { gzip: route.gzip }),
      },
      schema: bodyKind === 'json' ? { body: route.body } : {},
      handler: async (request, reply) => {
        const result: unknown = await inTurn(request, () =>
          handler({
            product: productOf(route.access, request.actor) as never,
            body: request.body as never,
            request: requestFacts(request),
            reply,
          }),
        );
        if (isAnswered(reply)) {
          request.turn?.end();
          return reply;
        }
        if (Buffer.isBuffer(result) || route.response === undefined) return await reply.send(result);
        check?.(result);
        return await sendByContract(reply, route.response, result);
      },
    });
  };

  const registerHotMcpRoute: RegisterHotMcpRoute = (route, answer) => {
    const requestClass = `mcp-${route.requestClass}` as const;
    registerMcpRoute({ ...route, method: 'POST', access: 'self-proving' }, async ({ body }) =>
      // A request without any body has none here either.
      answer(Buffer.isBuffer(body) ? body : Buffer.alloc(0)),
    );
    if (options.limits.isUnlimited(requestClass))
      options.hotCalls.add({ path: route.path, requestClass, bodyLimit: route.bodyLimit, answer });
  };

  const registerMcpFiles: RegisterMcpFiles = (route, answer) => {
    app.route({
      method: 'GET',
      url: route.path,
      config: {
        access: { product: true },
        requestClass: 'mcp-files',
        bodyKind: 'none',
        routeName: route.name,
      },
      handler: async (request, reply) => {
        const product = productOf('product', request.actor);
        // What is long under way has limits of its own, and holds nobody's place.
        request.turn?.end();
        reply.hijack();
        for (const [name, value] of Object.entries(reply.getHeaders()))
          if (value !== undefined) reply.raw.setHeader(name, value);
        if (product !== undefined)
          await answer(request.raw, reply.raw, { path: (request.params as { '*': string })['*'], product });
      },
    });
  };

  return {
    registerRoute,
    registerMcpRoute,
    registerHotMcpRoute,
    registerMcpFiles,
    contractRoutes,
    mcpRoutes,
  };
}

/** The work of a request, in its turn, which came before its body was looked at where it has one. */
async function inTurn<Result>(request: FastifyRequest, work: () => Promise<Result>): Promise<Result> {
  const { turn } = request;
  if (turn === undefined) return await work();
  await turn.take();
  const result = work();
  turn.pause();
  return await result;
}

/** Makes the framework read bodies and schemas as strictly as the contract means them. */
export function installStrictInput(app: FastifyInstance): void {
  app.setValidatorCompiler<TSchema>(({ schema, httpPart }) => {
    const check = compileRequestPart(schema, PARTS[httpPart ?? 'body'] ?? 'body');
    return (value: unknown) => {
      try {
        return { value: check(value) };
      } catch (error) {
        return { error: error as Error };
      }
    };
  });
}

const PARTS: Readonly<Record<string, 'body' | 'query' | 'params'>> = {
  body: 'body',
  querystring: 'query',
  params: 'params',
};

function accessOf(route: McpRoute<TSchema, TSchema>): ServerRouteAccess {
  switch (route.access) {
    case 'product':
      return { product: true };
    case 'self-proving':
      return { selfProving: true, because: 'the body carries the proof, and its module verifies it first' };
    case 'public':
      return { public: true, because: 'a product asks before it is known; the answer is no secret' };
  }
}

/** @throws TypeError when the check of access let somebody else in: a defect of it, which must open nothing */
function productOf(access: McpAccess, actor: Actor): ProductActor | undefined {
  if (access !== 'product') return undefined;
  if (actor.kind === 'product') return actor;
  throw new TypeError(`A call of products came from ${actor.kind}`);
}

function bodyKindOf(body: TSchema): BodyKind {
  return 'type' in body && body.type === 'undefined' ? 'none' : 'json';
}

function isAnswered(reply: FastifyReply): boolean {
  return reply.sent || reply.raw.headersSent;
}

type Serializer = (value: unknown) => string;
const serializers = new WeakMap<TSchema, Serializer>();

/** What the contract does not name does not leave the server. Made when the first answer is sent, as checks are. */
async function sendByContract(reply: FastifyReply, schema: TSchema, value: unknown): Promise<FastifyReply> {
  // A text is a file of another type, and its handler has said so.
  if (typeof value === 'string') return await reply.send(value);
  let serializer = serializers.get(schema);
  if (serializer === undefined) {
    serializer = reply.compileSerializationSchema({ ...schema }) as Serializer;
    serializers.set(schema, serializer);
  }
  return await reply.type('application/json').serializer(serializer).send(value);
}

function createResponseCheck(name: string, schema: TSchema): (value: unknown) => void {
  return (value) => {
    const compiled = compiledSchema(schema);
    if (compiled.Check(value)) return;
    const faults = compiled.Errors(value).map((error) => `${error.instancePath} ${error.message}`);
    throw new TypeError(`The answer of ${name} does not keep its contract: ${faults.join('; ')}`);
  };
}
