import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BodyOf, ParamsOf, QueryOf, ResponseOf, Route } from '@holdfast/api';
import type { FastifyReply } from 'fastify';
import type { TSchema, Static } from 'typebox';
import type { Actor, ProductActor } from '../access/actor.ts';
import type { GzipLimits } from './gzip-body.ts';

/** Facts of the request that handlers and the audit log may use. */
export interface RequestFacts {
  readonly id: string;
  readonly remoteAddress: string;
  readonly userAgent: string;
}

export interface RouteContext<R extends Route> {
  /** Out of authentication; `anonymous` only on public routes. */
  readonly actor: Actor;
  readonly params: ParamsOf<R>;
  readonly query: QueryOf<R>;
  readonly body: BodyOf<R>;
  readonly request: RequestFacts;
  /** For cookies and streams only; everything else is the returned value. */
  readonly reply: FastifyReply;
}

/** Registers one route of the HTTP contract. The contract's `access` is enforced before the handler runs. */
export type RegisterRoute = <R extends Route>(
  route: R,
  handler: (context: RouteContext<R>) => Promise<ResponseOf<R>>,
) => void;

/** Requests of products are limited apart from those of people, and apart from each other. */
export type McpRequestClass =
  | 'public'
  | 'registration'
  | 'handshake'
  | 'transport'
  | 'heartbeat'
  | 'claims'
  | 'commands'
  | 'components'
  | 'files'
  | 'inventory'
  | 'logs'
  | 'notifications';

/** `product` needs a valid access token; `self-proving` calls carry their own proof in the body. */
export type McpAccess = 'product' | 'self-proving' | 'public';

/** One call of the Management Communication Protocol over HTTPS (docs/protocol.md). */
export interface McpRoute<
  Body extends TSchema,
  Response extends TSchema,
  Access extends McpAccess = McpAccess,
> {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: `/mcp/v1/${string}`;
  readonly access: Access;
  readonly requestClass: McpRequestClass;
  /** Bytes. */
  readonly bodyLimit: number;
  /** Absent: the body is raw bytes (`application/octet-stream`) and arrives as a Buffer. */
  readonly body?: Body;
  readonly response?: Response;
  /** The body may come as gzip, within these bounds. */
  readonly gzip?: GzipLimits;
}

export interface McpContext<Body, Access extends McpAccess> {
  /** Who calls: certain on routes with access `product`, and on no other. */
  readonly product: Access extends 'product' ? ProductActor : undefined;
  readonly body: Body;
  readonly request: RequestFacts;
  readonly reply: FastifyReply;
}

export type RegisterMcpRoute = <Body extends TSchema, Response extends TSchema, Access extends McpAccess>(
  route: McpRoute<Body, Response, Access>,
  handler: (context: McpContext<Static<Body>, Access>) => Promise<Static<Response> | Buffer>,
) => void;

/** Files for products, which may be large: sent by the module itself, beside all other calls. */
export interface McpFilesRoute {
  readonly name: string;
  readonly path: `/mcp/v1/${string}/*`;
}

/** Resolves when the answer is over, and never rejects. */
export type RegisterMcpFiles = (
  route: McpFilesRoute,
  answer: (
    request: IncomingMessage,
    response: ServerResponse,
    call: { readonly path: string; readonly product: ProductActor },
  ) => Promise<void>,
) => void;

/**
 * A call that comes by the thousand each second: raw bytes that carry their own proof, answered at once with raw bytes. Where
 * nothing limits its class it is served in front of the framework (hot-calls.ts).
 */
export type RegisterHotMcpRoute = (
  route: Pick<McpRoute<TSchema, TSchema>, 'name' | 'path' | 'requestClass' | 'bodyLimit'>,
  answer: (body: Uint8Array) => Buffer,
) => void;
