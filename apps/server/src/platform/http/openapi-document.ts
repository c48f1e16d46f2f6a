import { Problem, problemContentType, type Route } from '@holdfast/api';
import type { TSchema } from 'typebox';
import { CSRF_HEADER, SESSION_COOKIE } from '../access/authentication.ts';
import { describeAccess } from '../access/route-access.ts';

type Json = Readonly<Record<string, unknown>>;

/** The OpenAPI 3.1 description of the API, made from the very schemas that requests are checked with. */
export function createOpenApiDocument(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:([A-Za-z]+)/g, '{$1}');
    (paths[path] ??= {})[route.method.toLowerCase()] = describeOperation(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Holdfast',
      version,
      description:
        'The API that the console and the command line use. Programs send an API key; browsers use a session and repeat its token with every write.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key: hfk_…' },
        session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE },
        csrfToken: { type: 'apiKey', in: 'header', name: CSRF_HEADER },
      },
      schemas: { Problem },
      responses: {
        Problem: {
          description: 'The request failed; `code` says why.',
          content: { [problemContentType]: { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  };
}

function describeOperation(route: Route): Json {
  const isPublic = 'public' in route.access;
  const isReading = route.method === 'GET';
  const hasBody = !('type' in route.body && route.body.type === 'undefined');
  return {
    operationId: route.name,
    summary: route.summary,
    description: `Access: ${describeAccess(route.access)}.`,
    tags: [route.tag],
    ...(isPublic
      ? { security: [] }
      : { security: [{ apiKey: [] }, isReading ? { session: [] } : { session: [], csrfToken: [] }] }),
    parameters: [...describeParameters(route.params, 'path'), ...describeParameters(route.query, 'query')],
    ...(hasBody
      ? { requestBody: { required: true, content: { 'application/json': { schema: route.body } } } }
      : {}),
    responses: {
      [route.status]:
        route.status === 204
          ? { description: 'Done.' }
          : { description: 'Done.', content: { 'application/json': { schema: route.response } } },
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

function describeParameters(schema: TSchema, place: 'path' | 'query'): Json[] {
  const properties = 'properties' in schema ? (schema.properties as Record<string, TSchema>) : {};
  const required = 'required' in schema ? (schema.required as readonly string[]) : [];
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}
