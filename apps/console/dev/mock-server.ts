/**
 * The HTTP contract in memory, for work on the console without a server: `node dev/mock-server.ts`.
 * Options: `--port`, `--scenario normal|empty|setup`, `--devices N`, `--dist FOLDER` (serves a built console
 * with the real content security policy). Sign in as `admin` or `auditor` with any eight characters.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { eventsPath, type LiveEvent } from '@holdfast/api';
import { handleAccess } from './mock/access-handlers.ts';
import { handleAdministration } from './mock/administration-handlers.ts';
import { handleCommunication } from './mock/communication-handlers.ts';
import { handleCommands } from './mock/command-handlers.ts';
import { handleDevices } from './mock/device-handlers.ts';
import { handleDirectory } from './mock/directory-handlers.ts';
import { handleJobs } from './mock/job-handlers.ts';
import { handleLogs } from './mock/log-handlers.ts';
import { handleNotes } from './mock/note-handlers.ts';
import { handleTags } from './mock/tag-handlers.ts';
import { handleWebhooks } from './mock/webhook-handlers.ts';
import { startHeartbeats } from './mock/heartbeats.ts';
import { Refusal } from './mock/refusal.ts';
import { effectiveGrantsOf } from './mock/roles.ts';
import { createRouteTable, type FoundRoute, type MockContext, parseQuery } from './mock/route-table.ts';
import { createWorld, type SeedOptions } from './mock/seed.ts';
import type { World } from './mock/world.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4180' },
    scenario: { type: 'string', default: 'normal' },
    devices: { type: 'string', default: '3000' },
    latency: { type: 'string', default: '0' },
    /** Folder of a built console. */
    dist: { type: 'string' },
  },
});

const readers = new Set<ServerResponse>();
const publish = (event: LiveEvent): void => {
  for (const reader of readers) reader.write(`data: ${JSON.stringify(event)}\n\n`);
};
const world = createWorld({
  scenario: values.scenario as SeedOptions['scenario'],
  deviceCount: Number(values.devices),
  now: () => Date.now(),
  publish,
});
const table = createRouteTable();
handleAccess(table);
handleAdministration(table);
handleCommunication(table);
handleCommands(table);
handleDevices(table);
handleDirectory(table);
handleJobs(table, world);
handleLogs(table, world);
handleNotes(table);
handleTags(table);
handleWebhooks(table, world);
const missing = table.missing();
// Answered with 404; said aloud, because a page that needs one looks broken.
if (missing.length > 0) console.error(`no handler for ${missing.join(', ')}`);

const distFolder = values.dist === undefined ? undefined : resolve(values.dist);
const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

function sessionOf(request: IncomingMessage): World['sessions'][number] | undefined {
  const token = /(?:^|; )holdfast=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
  return world.sessions.find((session) => session.token === token);
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString();
  return text === '' ? undefined : JSON.parse(text);
}

function requireAccess({ route }: FoundRoute, request: IncomingMessage): void {
  if ('public' in route.access) return;
  const session = sessionOf(request);
  if (session === undefined) throw new Refusal(401, 'NOT_SIGNED_IN', 'Sign in first.');
  if (request.method !== 'GET' && request.headers['x-csrf-token'] !== session.csrfToken) {
    throw new Refusal(403, 'CSRF_TOKEN_INVALID', 'The CSRF token is missing or wrong.');
  }
  if (!('permission' in route.access)) return;
  const { permission } = route.access;
  const caller = world.administrators.find((one) => one.id === session.administratorId);
  const grants = caller === undefined ? [] : effectiveGrantsOf(caller);
  if (!grants.some((grant) => grant.permissions.includes(permission))) {
    throw new Refusal(403, 'PERMISSION_DENIED', `This needs the permission ${permission}.`, {
      facts: { permission },
    });
  }
}

async function answerApi(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const found = table.find(request.method ?? 'GET', url.pathname);
  if (found === undefined) throw new Refusal(404, 'NOT_FOUND', 'There is no such address.');
  requireAccess(found, request);
  const context: MockContext<FoundRoute['route']> = {
    world,
    params: found.params,
    query: parseQuery(found.route, url.searchParams),
    body: await bodyOf(request),
    session: sessionOf(request),
    setCookie: (value) =>
      response.setHeader('set-cookie', `holdfast=${value}; Path=/; HttpOnly; SameSite=Strict`),
  };
  const answer = found.handler(context);
  await new Promise((resolve) => setTimeout(resolve, Number(values.latency)));
  if (found.route.status === 204) {
    response.writeHead(204).end();
    return;
  }
  if (found.route.name === 'exportDevices') {
    response.setHeader('content-disposition', 'attachment; filename="devices.json"');
  }
  response.writeHead(found.route.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
}

function answerEvents(request: IncomingMessage, response: ServerResponse): void {
  if (sessionOf(request) === undefined) throw new Refusal(401, 'NOT_SIGNED_IN', 'Sign in first.');
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const hello: LiveEvent = { type: 'hello', serverTimeAt: new Date().toISOString(), serverVersion: '0.1.0' };
  response.write(`data: ${JSON.stringify(hello)}\n\n`);
  readers.add(response);
  response.on('close', () => readers.delete(response));
}

/** Switches for trying states by hand: ends sessions, closes streams, opens or closes the event stream's door. */
function answerControl(url: URL, response: ServerResponse): void {
  if (url.searchParams.has('end-sessions')) world.sessions = [];
  if (url.searchParams.has('drop-streams')) for (const reader of readers) reader.destroy();
  if (url.searchParams.has('change-settings')) {
    world.settings = { ...world.settings, revision: world.settings.revision + 1, changedBy: 'm.tamm' };
    publish({ type: 'settings' });
  }
  response.writeHead(204).end();
}

async function answerFile(response: ServerResponse, folder: string, path: string): Promise<void> {
  const isFile = extname(path) !== '';
  const file = join(folder, isFile ? normalize(path) : 'index.html');
  const content = await readFile(file).catch(() => undefined);
  if (content === undefined || !file.startsWith(folder)) {
    response.writeHead(404).end();
    return;
  }
  const nonce = randomBytes(16).toString('base64');
  response.writeHead(200, {
    'content-type': mediaTypes[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': [
      "default-src 'none'",
      `script-src 'self' 'nonce-${nonce}'`,
      `style-src 'self' 'nonce-${nonce}'`,
      "img-src 'self'",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  });
  response.end(isFile ? content : content.toString().replaceAll('__CSP_NONCE__', nonce));
}

function refuse(response: ServerResponse, error: unknown): void {
  const refusal = error instanceof Refusal ? error : new Refusal(500, 'INTERNAL', 'Something went wrong.');
  if (!(error instanceof Refusal)) console.error(error);
  response.writeHead(refusal.status, { 'content-type': 'application/problem+json' }).end(
    JSON.stringify({
      type: `urn:holdfast:${refusal.code}`,
      title: refusal.code,
      status: refusal.status,
      code: refusal.code,
      detail: refusal.message,
      ...(refusal.remedy === undefined ? {} : { remedy: refusal.remedy }),
      requestId: `req-${world.random.hex(8)}`,
      retry: 'never',
      facts: refusal.facts,
    }),
  );
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const work = async (): Promise<void> => {
    if (url.pathname === eventsPath) answerEvents(request, response);
    else if (url.pathname.startsWith('/api/')) await answerApi(request, response, url);
    else if (url.pathname === '/__mock') answerControl(url, response);
    else if (distFolder !== undefined) await answerFile(response, distFolder, url.pathname);
    else response.writeHead(404).end();
  };
  work().catch((error: unknown) => refuse(response, error));
});

startHeartbeats(world);
server.listen(Number(values.port), '127.0.0.1', () => {
  console.log(`mock server on http://127.0.0.1:${values.port} (${world.devices.size} devices)`);
});
