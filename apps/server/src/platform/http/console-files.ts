import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** One file of the console, ready to be sent. */
export interface ConsoleFile {
  readonly contentType: string;
  /** Names with a hash of their content never change; everything else is asked for again each time. */
  readonly cacheControl: string;
  readonly etag: string;
  readonly content: Buffer;
  /** The content in the best of the encodings that the reader takes. */
  encode(
    acceptEncoding: string,
  ): Promise<{ readonly encoding: string | undefined; readonly content: Buffer }>;
}

/** The built console in memory. */
export interface ConsoleFiles {
  /** The file at a path of the address, e.g. `/assets/index-a1b2.js`. */
  find(urlPath: string): ConsoleFile | undefined;
  /** The page itself with its placeholder; undefined when the console is not built. */
  readonly page: string | undefined;
}

const MAX_FILES = 5_000;
const MAX_TOTAL_BYTES = 128 * 1024 * 1024;
const MIN_COMPRESSED_BYTES = 1_024;
const PAGE = '/index.html';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};
const COMPRESSED_TYPES = /^(text\/|application\/(json|manifest\+json)|image\/svg)/;

const brotli = promisify(brotliCompress);
const deflate = promisify(gzip);

/**
 * Reads the whole folder once. Requests are answered from this list by name and never reach the file system, so no
 * path, however it is written, leads out of the folder.
 */
export async function readConsoleFiles(folder: string): Promise<ConsoleFiles> {
  const files = new Map<string, ConsoleFile>();
  let totalBytes = 0;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries.slice(0, MAX_FILES)) {
    // A link could name any file of this computer.
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const contentType = CONTENT_TYPES[path.extname(entry.name).toLowerCase()];
    if (contentType === undefined) continue;
    const content = await readFile(file);
    totalBytes += content.length;
    if (totalBytes > MAX_TOTAL_BYTES)
      throw new RangeError(`the console in "${folder}" is larger than ${MAX_TOTAL_BYTES} bytes`);
    files.set(
      `/${path.relative(folder, file).split(path.sep).join('/')}`,
      createFile(entry.name, contentType, content),
    );
  }
  const page = files.get(PAGE)?.content.toString('utf8');
  files.delete(PAGE);
  return { find: (urlPath) => files.get(urlPath), page };
}

/** When the page was last written; changes when somebody builds the console anew. */
export async function findBuildTime(folder: string): Promise<number | undefined> {
  return await stat(path.join(folder, PAGE)).then(
    (found) => found.mtimeMs,
    () => undefined,
  );
}

function createFile(name: string, contentType: string, content: Buffer): ConsoleFile {
  const isHashed = /-[A-Za-z0-9_-]{8,}\.\w+$/.test(name);
  const isCompressed = COMPRESSED_TYPES.test(contentType) && content.length >= MIN_COMPRESSED_BYTES;
  const encoded = new Map<string, Promise<Buffer>>();
  const compress = async (encoding: string): Promise<Buffer> =>
    encoding === 'br'
      ? await brotli(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
      : await deflate(content, { level: 9 });
  return {
    contentType,
    cacheControl: isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`,
    content,
    async encode(acceptEncoding) {
      const encoding = isCompressed ? chooseEncoding(acceptEncoding) : undefined;
      if (encoding === undefined) return { encoding, content };
      // Compressed at the first request and kept: the same promise serves all who ask meanwhile.
      const work = encoded.get(encoding) ?? compress(encoding);
      encoded.set(encoding, work);
      return { encoding, content: await work };
    },
  };
}

function chooseEncoding(acceptEncoding: string): string | undefined {
  const accepted = acceptEncoding.split(',').map((item) => item.trim().toLowerCase());
  // "br;q=0" refuses it; any other weight is as good as none, because both encodings are offered by choice.
  return ['br', 'gzip'].find((name) =>
    accepted.some((item) => item === name || new RegExp(`^${name};q=(?!0(\\.0+)?$)`).test(item)),
  );
}
