import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ConsoleFile, type ConsoleFiles, findBuildTime, readConsoleFiles } from './console-files.ts';
import { pagePolicy } from './security-headers.ts';

/** In the page of the console wherever a nonce belongs; the server replaces it in each answer. */
export const NONCE_PLACEHOLDER = '__CSP_NONCE__';

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

/**
 * Serves the console: files by name, and the page for every address that a browser navigates to, because the console
 * itself knows its addresses. Programs that ask for an unknown address get a problem, not a page.
 */
export async function installConsole(app: FastifyInstance, folder: string): Promise<void> {
  let files: ConsoleFiles = await readConsoleFiles(folder);
  let buildTime = await findBuildTime(folder);

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
      const file = urlPath === undefined ? undefined : files.find(urlPath);
      if (file !== undefined) return await sendFile(request, reply, file);
      if (urlPath === '/' && !isPageWanted(request))
        return await reply.type('text/plain; charset=utf-8').send(FOR_PROGRAMS);
      if (urlPath === undefined || !isNavigation(request, urlPath)) {
        reply.callNotFound();
        return reply;
      }
      const time = await findBuildTime(folder);
      if (time !== buildTime) {
        files = await readConsoleFiles(folder);
        buildTime = time;
      }
      return await sendPage(reply, files.page);
    },
  });
}

async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: ConsoleFile,
): Promise<FastifyReply> {
  reply.headers({ etag: file.etag, 'cache-control': file.cacheControl, vary: 'accept-encoding' });
  if (request.headers['if-none-match'] === file.etag) return await reply.code(304).send();
  const { encoding, content } = await file.encode(String(request.headers['accept-encoding'] ?? ''));
  if (encoding !== undefined) reply.header('content-encoding', encoding);
  return await reply.type(file.contentType).send(content);
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
