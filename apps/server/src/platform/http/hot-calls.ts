import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { writeProblem } from './error-answers.ts';
import type { ProblemAnswer } from './problem.ts';
import type { RefusalPacer } from './refusal-pacer.ts';
import type { RequestClass } from './request-limits.ts';
import { PRODUCT_HEADERS } from './security-headers.ts';

/** A call that comes by the thousand each second: bytes that carry their own proof, answered at once with bytes. */
export interface HotCall {
  readonly path: string;
  readonly requestClass: RequestClass;
  readonly bodyLimit: number;
  /** @throws AppError what the caller is told */
  readonly answer: (body: Uint8Array) => Buffer;
}

export interface HotCallOptions {
  readonly createRequestId: () => string;
  /** True while each request has its line in the log, which the framework writes: then it serves these too. */
  readonly isLogged: () => boolean;
  /** What the caller is told of a failure; it also logs those that belong into the log. */
  readonly describeFailure: (
    error: unknown,
    call: { readonly requestId: string; readonly path: string },
  ) => ProblemAnswer;
  readonly pacer: RefusalPacer;
}

export type AnswerObserver = (status: number, seconds: number) => void;

interface ObservedCall extends HotCall {
  readonly observe: AnswerObserver;
}

const BYTES = 'application/octet-stream';
const PLAIN_HEADERS = [...Object.entries(PRODUCT_HEADERS).flat(), 'content-type', BYTES];
const NO_BYTES = new Uint8Array(0);

/**
 * Serves such calls in front of the framework, which costs several times what they do. Only their plain form: a POST to
 * exactly this address with a body of bytes of a stated length within the limit and no encoding. Everything else goes on to
 * the framework, where the same call is a route like any other, so each refusal has one place.
 *
 * Invariant: nothing limits the class of a call here, and nobody has to be known for it: what decides is its body.
 */
export class HotCalls {
  readonly #options: HotCallOptions;
  readonly #calls = new Map<string, ObservedCall>();
  #createObserver: (requestClass: RequestClass) => AnswerObserver = () => () => {};
  #isOpen = true;

  constructor(options: HotCallOptions) {
    this.#options = options;
  }

  add(call: HotCall): void {
    this.#calls.set(call.path, { ...call, observe: this.#createObserver(call.requestClass) });
  }

  /** Has each answer told, because the framework's hooks see none of them. To be called before calls are added. */
  observe(createObserver: (requestClass: RequestClass) => AnswerObserver): void {
    this.#createObserver = createObserver;
  }

  /** From now on the framework serves all, which tells clients of a server that stops to close their connections. */
  close(): void {
    this.#isOpen = false;
  }

  /** Puts itself in front of the server's own listener of requests. */
  install(server: Server): void {
    const listeners = server.listeners('request') as RequestListener[];
    server.removeAllListeners('request');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const call = this.#find(request);
      if (call !== undefined) this.#receive(call, request, response);
      else for (const listener of listeners) listener.call(server, request, response);
    });
  }

  #find(request: IncomingMessage): ObservedCall | undefined {
    if (!this.#isOpen || request.method !== 'POST') return undefined;
    const call = this.#calls.get(request.url ?? '');
    if (call === undefined || this.#options.isLogged()) return undefined;
    const { headers } = request;
    const isPlain =
      headers['content-type'] === BYTES &&
      headers['transfer-encoding'] === undefined &&
      headers['content-encoding'] === undefined;
    const length = Number(headers['content-length']);
    return isPlain && length > 0 && length <= call.bodyLimit ? call : undefined;
  }

  #receive(call: ObservedCall, request: IncomingMessage, response: ServerResponse): void {
    const startedAt = performance.now();
    let body: Buffer | undefined;
    // The length is stated and small, and the parser holds the sender to it: nearly always this is one piece.
    request.on('data', (chunk: Buffer) => {
      body = body === undefined ? chunk : Buffer.concat([body, chunk]);
    });
    // A request that breaks off never ends, and nobody waits for its answer.
    request.on('end', () => {
      if (response.destroyed) return;
      const status = this.#answer(call, body ?? NO_BYTES, request, response);
      call.observe(status, (performance.now() - startedAt) / 1000);
    });
  }

  #answer(call: HotCall, body: Uint8Array, { socket }: IncomingMessage, response: ServerResponse): number {
    const requestId = this.#options.createRequestId();
    try {
      const answer = call.answer(body);
      const { length } = answer;
      // A server that stops waits for nobody's next request.
      if (!this.#isOpen) response.setHeader('connection', 'close');
      response.writeHead(200, [
        ...PLAIN_HEADERS,
        'x-request-id',
        requestId,
        'content-length',
        String(length),
      ]);
      response.end(answer);
      return 200;
    } catch (error) {
      const answer = this.#options.describeFailure(error, { requestId, path: call.path });
      const send = (): void => {
        if (!response.destroyed) writeProblem(response, answer, requestId);
      };
      this.#options.pacer.finish(
        { connection: socket, address: socket.remoteAddress ?? '' },
        send,
        error as Error,
      );
      return answer.problem.status;
    }
  }
}
