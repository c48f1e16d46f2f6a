import type { Actor } from '../access/actor.ts';
import type { ServerRouteAccess } from '../access/route-access.ts';
import type { GzipLimits } from './gzip-body.ts';
import type { JsonBounds } from '@holdfast/protocol';
import type { RequestClass, RequestTurn } from './request-limits.ts';

/** What a body may be; everything else is refused before it is looked at. */
export type BodyKind = 'none' | 'json' | 'bytes';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route. The server refuses to start with a route that has none. */
    access?: ServerRouteAccess;
    requestClass?: RequestClass;
    /** Reads much: few at a time. */
    isHeavy?: boolean;
    /** Of a JSON body; those of the API unless told. */
    jsonBounds?: JsonBounds;
    bodyKind?: BodyKind;
    /** Bodies of this route may come as gzip. */
    gzip?: GzipLimits;
    /** Name in the contract, for logs and metrics. */
    routeName?: string;
  }

  interface FastifyRequest {
    /** Set by authentication only. */
    actor: Actor;
    /** True once it was decided that this caller may make this request, or that there is nothing to protect. */
    hasAccessDecision: boolean;
    /** What the request holds of the server; absent where nothing is limited at work. */
    turn: RequestTurn | undefined;
  }
}
