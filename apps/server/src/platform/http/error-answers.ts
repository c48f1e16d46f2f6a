import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { problemContentType } from '@holdfast/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { HttpError } from './http.errors.ts';
import { type ProblemAnswer, toProblem } from './problem.ts';
import { DATA_POLICY, PRODUCT_HEADERS } from './security-headers.ts';

/** Answers with problem details, and logs what is for the people who run the server. */
export async function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
  log: Logger,
): Promise<FastifyReply> {
  const { problem, headers, isForLog } = toProblem(error, request.id);
  if (isForLog) {
    const facts = { requestId: request.id, method: request.method, route: request.routeOptions.url };
    logFailure(log, facts, error, problem.status);
  }
  return await reply
    .code(problem.status)
    .headers({ ...headers, 'cache-control': 'no-store', 'content-security-policy': DATA_POLICY })
    .type(problemContentType)
    // A text of its own: the schemas of the route describe its success, not this.
    .serializer((payload: unknown) => (typeof payload === 'string' ? payload : JSON.stringify(payload)))
    .send(problem);
}

/** The same for what never reaches the framework. */
export function writeProblem(
  response: ServerResponse,
  { problem, headers }: ProblemAnswer,
  requestId: string,
): void {
  const text = JSON.stringify(problem);
  response.writeHead(problem.status, {
    ...PRODUCT_HEADERS,
    ...headers,
    'content-security-policy': DATA_POLICY,
    'x-request-id': requestId,
    'content-type': problemContentType,
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** Everything that goes wrong on a route or has none ends as a problem. */
export function installErrorAnswers(app: FastifyInstance, log: Logger): void {
  const routes: { readonly method: string; readonly pattern: RegExp }[] = [];
  app.addHook('onRoute', (route) => {
    // The catch-all of the console is no address of its own.
    if (route.url === '/*') return;
    const pattern = patternOf(route.url);
    for (const method of [route.method].flat()) routes.push({ method, pattern });
  });

  app.setErrorHandler(async (error, request, reply) => await sendProblem(request, reply, error, log));
  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    const methods = routes.filter((route) => route.pattern.test(path)).map((route) => route.method);
    const error =
      methods.length > 0 && !methods.includes(request.method)
        ? new HttpError('METHOD_NOT_ALLOWED', `This address does not take ${request.method}.`, {
            allowedMethods: [...new Set(methods)].sort(),
          })
        : new HttpError('ROUTE_NOT_FOUND', 'There is nothing at this address.');
    return await sendProblem(request, reply, error, log);
  });

  // Invariant: an answer that is not an error was decided on by access control.
  app.addHook('onSend', (request, reply, payload, done) => {
    if (request.hasAccessDecision || reply.statusCode >= 400) return done(null, payload);
    log.error(
      { requestId: request.id, route: request.routeOptions.url },
      'answer without an access decision',
    );
    const { problem } = toProblem(undefined, request.id);
    reply
      .code(problem.status)
      .type(problemContentType)
      .removeHeader('content-length')
      .removeHeader('set-cookie');
    done(null, JSON.stringify(problem));
  });
}

export function logFailure(log: Logger, facts: object, error: unknown, status: number): void {
  const line = { err: error, ...facts };
  if (status === 500) log.error(line, 'request failed');
  else log.warn(line, 'request could not be served');
}

function patternOf(url: string): RegExp {
  const source = url
    .split('/')
    .map((step) =>
      step.startsWith(':') ? '[^/]+' : step === '*' ? '.*' : step.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('/');
  return new RegExp(`^${source}$`);
}

const ANSWER_TIMEOUT_MS = 5_000;

/** Answers bytes that are no request at all, or one that never ends, on the bare connection. */
export function answerBrokenConnection(error: Error & { code?: string }, socket: Socket): void {
  // Before TLS is settled nothing can be sent: an answer would wait for ever, and its connection with it.
  const isHttpFault = /^(HPE_|ERR_HTTP_)/.test(error.code ?? '');
  if (socket.destroyed || !isHttpFault || !socket.writable) {
    socket.destroy();
    return;
  }
  // Nor is one that reads nothing waited for.
  socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy());
  const { problem } = toProblem(toHttpError(error.code), 'none');
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? 'Error'}\r\n` +
      `content-type: ${problemContentType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `cache-control: no-store\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n${body}`,
    // A peer that does not close its side would hold the connection for ever.
    () => socket.destroy(),
  );
}

function toHttpError(code: string | undefined): HttpError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new HttpError('REQUEST_HEADERS_TOO_LARGE', 'The headers of the request are too large.');
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new HttpError('REQUEST_TIMEOUT', 'The request did not arrive in time.', { retry: 'safe' });
  }
  return new HttpError('REQUEST_MALFORMED', 'This is not a well-formed HTTP request.');
}
