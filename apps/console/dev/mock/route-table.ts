import * as api from '@holdfast/api';
import type { BodyOf, ParamsOf, QueryOf, ResponseOf, Route } from '@holdfast/api';
import type { World } from './world.ts';

/** Who calls, and what the handler may tell the browser besides the answer. */
export interface MockContext<R extends Route> {
  readonly world: World;
  readonly params: ParamsOf<R>;
  readonly query: QueryOf<R>;
  readonly body: BodyOf<R>;
  readonly session: World['sessions'][number] | undefined;
  readonly setCookie: (value: string) => void;
}

export type MockHandler = (context: MockContext<Route>) => unknown;

export interface RouteTable {
  readonly handle: <R extends Route>(route: R, handler: (context: MockContext<R>) => ResponseOf<R>) => void;
  readonly find: (method: string, path: string) => FoundRoute | undefined;
  /** Routes of the contract that have no handler: the mock would not be faithful. */
  readonly missing: () => string[];
}

export interface FoundRoute {
  readonly route: Route;
  readonly handler: MockHandler;
  readonly params: Record<string, unknown>;
}

function isRoute(value: unknown): value is Route {
  return (
    typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'access' in value
  );
}

const contract: readonly Route[] = (Object.values(api) as unknown[])
  .filter(isRoute)
  // The stream is no exchange of one answer; mock-server.ts holds it open.
  .filter((route) => route.path !== api.eventsPath);

export function createRouteTable(): RouteTable {
  const handlers = new Map<string, MockHandler>();
  return {
    handle: (route, handler) => {
      handlers.set(route.name, handler as unknown as MockHandler);
    },
    find: (method, path) => {
      for (const route of contract) {
        if (route.method !== method) continue;
        const names = [...route.path.matchAll(/:([A-Za-z]+)/g)].map((match) => match[1] ?? '');
        const pattern = new RegExp(`^${route.path.replace(/:[A-Za-z]+/g, '([^/]+)')}$`);
        const match = pattern.exec(path);
        const handler = handlers.get(route.name);
        if (match === null || handler === undefined) continue;
        const params = Object.fromEntries(
          names.map((name, index) => [
            name,
            convert(route.params, name, decodeURIComponent(match[index + 1] ?? '')),
          ]),
        );
        return { route, handler, params };
      }
      return undefined;
    },
    missing: () => contract.filter((route) => !handlers.has(route.name)).map((route) => route.name),
  };
}

/** Query strings carry text; the contract's schema says what is meant. */
export function parseQuery(route: Route, search: URLSearchParams): Record<string, unknown> {
  return Object.fromEntries(
    [...new Set(search.keys())].map((name) => [
      name,
      isList(route.query, name)
        ? search.getAll(name)
        : convert(route.query, name, search.getAll(name).at(-1) ?? ''),
    ]),
  );
}

function isList(schema: Route['query'], name: string): boolean {
  return (schema.properties[name] as { type?: string } | undefined)?.type === 'array';
}

function convert(schema: Route['query'], name: string, value: string): unknown {
  const property = schema.properties[name] as { type?: string } | undefined;
  if (property?.type === 'integer') return Number(value);
  if (property?.type === 'boolean') return value === 'true';
  return value;
}
