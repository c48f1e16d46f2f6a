import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pagePolicy } from './security-headers.ts';

/** In the page of the console wherever a nonce belongs; the server replaces it in each answer. */
export const NONCE_PLACEHOLDER = '__CSP_NONCE__';

/** The page itself. It is never sent as a file, because of the nonce. */
const PAGE = 'index.html';
/** Names with a hash of their content never change; everything else is asked for again each time. */
const HASHED = /-[A-Za-z0-9_-]{8,}\.\w+$/;

const NOT_BUILT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>The console is not built · Holdfast</title></head>
<body><main><h1>The console is not built</h1>
<p>The server runs, but there are no files of the console. Run <code>npm run build</code> in the folder of Holdfast, or set
<code>HOLDFAST_CONSOLE_DIR</code> to the folder that holds them, then reload this page.</p></main></body></html>
`;

/** The same for everybody, without a name or a version: whoever asks has not said who they are. */
const FOR_PROGRAMS = `Holdfast keeps the computers of an organisation known, up to date and encrypted.

Console           open this address in a browser
Install an agent  in the console, under Enrolment, create an enrolment token: you get the line to type on the device;
                  or, where the command line is connected: holdfast tokens create NAME --line
HTTP API          /api/docs describes it
Health            /healthz, /readyz
`;

/** The built console. */
interface BuiltConsole {
  /** Its files, as addresses name them. Nothing else of the folder is sent, however a path is written. */
  readonly names: ReadonlySet<string>;
  /** Undefined when the console is not built. */
  readonly page: string | undefined;
  /** Another when somebody builds the console anew. */
  readonly builtAtMs: number | undefined;
}

/**
 * Serves the console: files by name, and the page for every address that a browser navigates to, because the console
 * itself knows its addresses. Programs that ask for an unknown address get a problem, not a page.
 */
export async function installConsole(app: FastifyInstance, folder: string): Promise<void> {
  const root = path.resolve(folder);
  // The build lays the compressed form of a file beside it.
  await app.register(fastifyStatic, { root, serve: false, cacheControl: false, preCompressed: true });
  let built = await readConsole(root);

  app.route({
    method: 'GET',
    url: '/*',
    config: {
      access: { public: true, because: 'the console is the same for everybody; all data comes from the API' },
      requestClass: 'page',
      bodyKind: 'none',
      routeName: 'console',
    },
    handler: async (request, reply) => {
      const urlPath = decodePath(request.url);
      if (urlPath !== undefined && built.names.has(urlPath)) {
        reply.header(
          'cache-control',
          HASHED.test(urlPath) ? 'public, max-age=31536000, immutable' : 'no-cache',
        );
        return reply.sendFile(urlPath);
      }
      if (urlPath === '/' && !isPageWanted(request))
        return await reply.type('text/plain; charset=utf-8').send(FOR_PROGRAMS);
      if (urlPath === undefined || !isNavigation(request, urlPath)) {
        reply.callNotFound();
        return reply;
      }
      if ((await findBuildTime(root)) !== built.builtAtMs) built = await readConsole(root);
      return await sendPage(reply, built.page);
    },
  });
}

async function readConsole(root: string): Promise<BuiltConsole> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  const names = entries
    // A link could name any file of this computer.
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'));
  return {
    names: new Set(names.filter((name) => name !== PAGE).map((name) => `/${name}`)),
    page: names.includes(PAGE) ? await readFile(path.join(root, PAGE), 'utf8') : undefined,
    builtAtMs: await findBuildTime(root),
  };
}

async function findBuildTime(root: string): Promise<number | undefined> {
  return await stat(path.join(root, PAGE)).then(
    (found) => found.mtimeMs,
    () => undefined,
  );
}

async function sendPage(reply: FastifyReply, page: string | undefined): Promise<FastifyReply> {
  const nonce = randomBytes(18).toString('base64url');
  reply.headers({ 'content-security-policy': pagePolicy(nonce), 'cache-control': 'no-store' });
  reply.type('text/html; charset=utf-8');
  if (page === undefined) return await reply.code(503).send(NOT_BUILT);
  return await reply.send(page.replaceAll(NONCE_PLACEHOLDER, nonce));
}

/** Programs such as curl take anything, and a page of scripts says nothing to whoever reads it in a terminal. */
function isPageWanted({ headers }: FastifyRequest): boolean {
  return /\btext\/html\b/.test(headers.accept ?? '');
}

// What a browser does when somebody types an address or follows a link. Paths of the API and of files are not pages.
function isNavigation(request: FastifyRequest, urlPath: string): boolean {
  const mode = request.headers['sec-fetch-mode'];
  if (mode !== undefined && mode !== 'navigate') return false;
  if (!/\btext\/html\b/.test(request.headers.accept ?? '')) return false;
  return !/^\/(api|mcp)(\/|$)/.test(urlPath) && !/\.[a-z0-9]+$/i.test(urlPath);
}

function decodePath(url: string): string | undefined {
  try {
    return decodeURIComponent(url.split('?')[0] ?? '');
  } catch {
    // A broken escape names nothing.
    return undefined;
  }
}
