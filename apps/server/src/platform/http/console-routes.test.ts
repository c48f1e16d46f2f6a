import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import type { Problem } from '@holdfast/api';
import type { LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import { createTestClock } from '../clock/test-clock.ts';
import { installConsole } from './console-routes.ts';
import { createHttpServer, type HttpServer } from './http-server.ts';

const NAVIGATION = { accept: 'text/html,application/xhtml+xml', 'sec-fetch-mode': 'navigate' };
const SCRIPT = `/* ${'console '.repeat(400)} */`;
let folder: string;
let http: HttpServer;

async function start(consoleFolder: string): Promise<HttpServer> {
  const server = await createHttpServer({
    clock: createTestClock(),
    log: pino({ level: 'silent' }),
    createId: randomUUID,
  });
  await installConsole(server.app, consoleFolder);
  await server.app.ready();
  return server;
}

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-console-'));
  const dist = path.join(folder, 'dist');
  await mkdir(path.join(dist, 'assets'), { recursive: true });
  await writeFile(path.join(folder, 'secret.txt'), 'the secret');
  await writeFile(
    path.join(dist, 'index.html'),
    '<script nonce="__CSP_NONCE__"></script><style nonce="__CSP_NONCE__"></style>first build',
  );
  await writeFile(path.join(dist, 'assets', 'index-a1B2c3D4.js'), SCRIPT);
  await writeFile(path.join(dist, 'assets', 'index-a1B2c3D4.js.br'), brotliCompressSync(SCRIPT));
  await writeFile(path.join(dist, 'favicon.svg'), '<svg/>');
  await symlink(path.join(folder, 'secret.txt'), path.join(dist, 'link.txt'));
  http = await start(dist);
});
after(async () => {
  await http.app.close();
  await rm(folder, { recursive: true });
});

async function get(url: string, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> {
  return await http.app.inject({ method: 'GET', url, headers });
}

test('each page has a nonce of its own, in the policy and in the page', async () => {
  const answers = await Promise.all([get('/', NAVIGATION), get('/devices/42', NAVIGATION)]);
  const nonces = answers.map((answer) => {
    assert.equal(answer.statusCode, 200);
    const policy = String(answer.headers['content-security-policy']);
    const nonce = /script-src 'self' 'nonce-([\w-]{20,})'/.exec(policy)?.[1] ?? '';
    assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe-/);
    assert.ok(answer.body.startsWith(`<script nonce="${nonce}"></script><style nonce="${nonce}">`));
    assert.equal(answer.headers['cache-control'], 'no-store');
    return nonce;
  });
  assert.notEqual(nonces[0], nonces[1]);
});

test('files with a hash in their name are kept for ever, others are asked for again', async () => {
  const hashed = await get('/assets/index-a1B2c3D4.js');
  assert.equal(hashed.headers['cache-control'], 'public, max-age=31536000, immutable');
  assert.match(String(hashed.headers['content-type']), /^(application|text)\/javascript; charset=utf-8$/);
  assert.equal(hashed.headers['x-content-type-options'], 'nosniff');
  const icon = await get('/favicon.svg');
  assert.equal(icon.headers['cache-control'], 'no-cache');
  const again = await get('/favicon.svg', { 'if-none-match': String(icon.headers['etag']) });
  assert.equal(again.statusCode, 304);
  assert.equal(again.body, '');
});

test('a file is compressed for those who take it', async () => {
  const compressed = await get('/assets/index-a1B2c3D4.js', { 'accept-encoding': 'gzip, br' });
  assert.equal(compressed.headers['content-encoding'], 'br');
  assert.match(String(compressed.headers['vary']), /accept-encoding/i);
  assert.match(String(compressed.headers['content-type']), /javascript/);
  assert.equal(brotliDecompressSync(compressed.rawPayload).toString(), SCRIPT);
  const refused = await get('/assets/index-a1B2c3D4.js', { 'accept-encoding': 'br;q=0' });
  assert.equal(refused.headers['content-encoding'], undefined);
  assert.equal(refused.body, SCRIPT);
});

test('no spelling of a path leads out of the folder', async () => {
  const spellings = [
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '//etc/passwd',
    '/assets/%00../../secret.txt',
    '/....//secret.txt',
    '/%252e%252e/secret.txt',
    '/link.txt',
    '/index.html',
    '/assets/./index-a1B2c3D4.js/../../../secret.txt',
  ];
  for (const url of spellings) {
    for (const headers of [{}, NAVIGATION]) {
      const answer = await get(url, headers);
      assert.doesNotMatch(answer.body, /the secret|root:/, url);
      assert.ok(answer.statusCode === 404 || answer.body.includes('first build'), url);
    }
  }
});

test('a program that asks for an unknown address gets a problem and no page', async () => {
  for (const [url, headers] of [
    ['/devices', { accept: 'application/json' }],
    ['/devices', { ...NAVIGATION, 'sec-fetch-mode': 'cors' }],
    ['/assets/gone-a1b2c3d4.js', NAVIGATION],
    ['/api/v1/nothing', NAVIGATION],
    ['/mcp/v1/nothing', NAVIGATION],
  ] as const) {
    const answer = await get(url, headers);
    assert.equal(answer.statusCode, 404, url);
    assert.equal(answer.json<Problem>().code, 'ROUTE_NOT_FOUND');
  }
});

test('a console that is built anew is served without a restart', async () => {
  const page = path.join(folder, 'dist', 'index.html');
  await writeFile(page, 'second build');
  await utimes(page, new Date(1_800_000_000_000), new Date(1_800_000_000_000));
  assert.match((await get('/', NAVIGATION)).body, /second build/);
});

test('without a built console the page says how to build it', async () => {
  const bare = await start(path.join(folder, 'nothing'));
  const answer = await bare.app.inject({ method: 'GET', url: '/', headers: NAVIGATION });
  assert.equal(answer.statusCode, 503);
  assert.match(answer.body, /HOLDFAST_CONSOLE_DIR/);
  assert.match(answer.body, /<main><h1>The console is not built<\/h1>/);
  await bare.app.close();
});

test('a program that asks for the start gets a short text instead of a page, and elsewhere a problem', async () => {
  for (const headers of [{}, { accept: '*/*' }]) {
    const answer = await get('/', headers);
    assert.equal(answer.statusCode, 200);
    assert.match(String(answer.headers['content-type']), /^text\/plain/u);
    assert.match(answer.body, /^Holdfast keeps[\s\S]*browser[\s\S]*enrolment token[\s\S]*\/api\/docs/u);
    assert.doesNotMatch(answer.body, /<|\d+\.\d+\.\d+/u);
  }
  assert.equal((await get('/devices/42', { accept: '*/*' })).json<Problem>().code, 'ROUTE_NOT_FOUND');
  assert.match((await get('/', NAVIGATION)).body, /build/u);
});
