import { type Static, type TObject, type TSchema, Type } from 'typebox';
import type { Permission } from './permissions.ts';

/** Who may call a route. A route without this declaration keeps the server from starting. */
export type RouteAccess =
  | { readonly permission: Permission }
  /** Any signed-in administrator or API key, for what concerns only the caller. */
  | { readonly signedIn: true }
  /** Nobody is asked for; `because` says why that is safe. */
  | { readonly public: true; readonly because: string };

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One call of the HTTP API: the same value is the server's schema, the client's types and the OpenAPI entry. */
export interface Route<
  Params extends TObject = TObject,
  Query extends TObject = TObject,
  Body extends TSchema = TSchema,
  Response extends TSchema = TSchema,
> {
  /** Stable name, also the OpenAPI `operationId`. */
  readonly name: string;
  readonly method: HttpMethod;
  /** Path below the server's origin, parameters as `:name`. */
  readonly path: `/api/v1/${string}`;
  readonly access: RouteAccess;
  readonly summary: string;
  readonly tag: string;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly response: Response;
  /** Success status; 200 unless told. */
  readonly status: 200 | 201 | 202 | 204;
  /** Reads much: few of them are worked on at a time. */
  readonly isHeavy: boolean;
}

const NoParams = Type.Object({}, { additionalProperties: false });
const NoBody = Type.Undefined();
const NoContent = Type.Null();

export interface RouteOptions<P extends TObject, Q extends TObject, B extends TSchema, R extends TSchema> {
  readonly name: string;
  readonly method: HttpMethod;
  readonly path: `/api/v1/${string}`;
  readonly access: RouteAccess;
  readonly summary: string;
  readonly tag: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly response?: R;
  readonly status?: 200 | 201 | 202 | 204;
  readonly isHeavy?: true;
}

/** Completes a route: absent parts are empty objects that refuse any content. */
export function defineRoute<
  P extends TObject = typeof NoParams,
  Q extends TObject = typeof NoParams,
  B extends TSchema = typeof NoBody,
  R extends TSchema = typeof NoContent,
>(options: RouteOptions<P, Q, B, R>): Route<P, Q, B, R> {
  return {
    ...options,
    params: options.params ?? (NoParams as unknown as P),
    query: options.query ?? (NoParams as unknown as Q),
    body: options.body ?? (NoBody as unknown as B),
    response: options.response ?? (NoContent as unknown as R),
    status: options.status ?? (options.response === undefined ? 204 : 200),
    isHeavy: options.isHeavy ?? false,
  };
}

export type ParamsOf<R extends Route> = Static<R['params']>;
export type QueryOf<R extends Route> = Static<R['query']>;
export type BodyOf<R extends Route> = Static<R['body']>;
export type ResponseOf<R extends Route> = Static<R['response']>;
