import { open } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseByteRange } from './byte-range.ts';
import { type DownloadLimits, DownloadPlaces } from './download-places.ts';

/** What is sent: a text, or a file of this server's disk. */
export interface Download {
  readonly fileName: string;
  readonly contentType: string;
  /** Of the content, in hexadecimal: the same file is not sent twice, and a download that broke off goes on. */
  readonly sha256: string;
  readonly content: { readonly text: string } | { readonly path: string; readonly sizeBytes: number };
}

export interface DownloadRoute {
  /** Name for logs and metrics. */
  readonly name: string;
  /** With one parameter, `:file`. */
  readonly path: `/${string}/:file`;
  /** Why anybody may have it. */
  readonly because: string;
  /** The file of that name; undefined when there is none. A name is compared with what there is, never made a path. */
  readonly find: (name: string) => Promise<Download | undefined>;
}

export type RegisterDownload = (route: DownloadRoute) => void;

const CHUNK_BYTES = 256 * 1024;

/** Files for everybody, sent from the disk piece by piece, to a bounded number of readers. */
export class Downloads {
  readonly #app: FastifyInstance;
  readonly #limits: DownloadLimits;
  readonly #places: DownloadPlaces;
  readonly #running = new Set<IncomingMessage>();
  #isStopping = false;

  constructor(app: FastifyInstance, limits: DownloadLimits) {
    this.#app = app;
    this.#limits = limits;
    this.#places = new DownloadPlaces(limits);
  }

  /** Ends every download and every one that begins later: a stop waits for no reader, and readers go on elsewhere or later. */
  stop(): void {
    this.#isStopping = true;
    for (const request of [...this.#running]) request.destroy();
  }

  readonly register: RegisterDownload = (route) => {
    this.#app.route({
      method: 'GET',
      url: route.path,
      config: {
        access: { public: true, because: route.because },
        requestClass: 'download',
        bodyKind: 'none',
        routeName: route.name,
      },
      handler: async (request, reply) => {
        const found = await route.find((request.params as { file: string }).file);
        if (found === undefined) {
          reply.callNotFound();
          return reply;
        }
        return await this.#send(request, reply, found);
      },
    });
  };

  async #send(
    request: FastifyRequest,
    reply: FastifyReply,
    { fileName, contentType, sha256, content }: Download,
  ): Promise<FastifyReply> {
    const etag = `"${sha256}"`;
    reply.headers({
      etag,
      'cache-control': 'no-cache',
      'content-disposition': `attachment; filename="${fileName}"`,
    });
    if (request.headers['if-none-match'] === etag) return await reply.code(304).send();
    reply.type(contentType);
    if ('text' in content) return await reply.send(content.text);
    reply.header('accept-ranges', 'bytes');
    const { sizeBytes } = content;
    const ifRange = request.headers['if-range'];
    const wanted = ifRange === undefined || ifRange === etag ? request.headers.range : undefined;
    const range = parseByteRange(wanted, sizeBytes);
    if (range === 'unsatisfiable')
      return await reply
        .code(416)
        .header('content-range', `bytes */${sizeBytes}`)
        .type('text/plain')
        .send('');
    const { start, end } = range === 'none' ? { start: 0, end: sizeBytes - 1 } : range;
    // Who went while the file was made has had the end of its answer already, and would keep its place for good.
    if (reply.raw.destroyed) return await reply.send('');
    const leave = this.#places.take(request.ip);
    const timer = setTimeout(() => request.raw.destroy(), this.#limits.maxDurationMs);
    timer.unref();
    this.#running.add(request.raw);
    // Comes for every answer, also for one that nobody is there any more to have.
    reply.raw.once('close', () => {
      clearTimeout(timer);
      this.#running.delete(request.raw);
      leave();
    });
    if (this.#isStopping) request.raw.destroy();
    const file = await open(content.path, 'r');
    if (range !== 'none') reply.code(206).header('content-range', `bytes ${start}-${end}/${sizeBytes}`);
    reply.header('content-length', String(end - start + 1));
    return await reply.send(file.createReadStream({ start, end, highWaterMark: CHUNK_BYTES }));
  }
}
