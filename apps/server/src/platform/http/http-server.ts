import type { Socket } from 'node:net';
import { type SecureContextOptions, Server as TlsServer } from 'node:tls';
import cookie from '@fastify/cookie';
import type { Clock } from '@holdfast/kernel';
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
  type preValidationHookHandler,
} from 'fastify';
import type { Logger } from 'pino';
import type { Authentication } from '../access/authentication.ts';
import { installAccessControl, type RegisteredRoute } from './access-control.ts';
import {
  createRouteRegistrars,
  installStrictInput,
  API_BODY_LIMIT,
  type RouteRegistrars,
} from './contract-routes.ts';
import { planConnections } from './connection-budget.ts';
import { installConnectionLimit } from './connection-limit.ts';
import {
  answerBrokenConnection,
  installErrorAnswers,
  logFailure,
  sendProblem,
  writeProblem,
} from './error-answers.ts';
import type { BodyKind } from './fastify-augmentation.ts';
import { unpackBody } from './gzip-body.ts';
import { HotCalls } from './hot-calls.ts';
import { HttpError } from './http.errors.ts';
import { parseJsonBody } from './json-body.ts';
import { KnownNetworks } from './known-networks.ts';
import { toProblem } from './problem.ts';
import { readOpenFileLimit } from './open-file-limit.ts';
import { RefusalPacer } from './refusal-pacer.ts';
import { installRequestLog } from './request-log.ts';
import { defaultRequestLimits, RequestLimits, type RequestLimitSettings } from './request-limits.ts';
import { installRequestQueue } from './request-queue.ts';
import { addRouteHook } from './route-hooks.ts';
import { installSecurityHeaders, securityHeaders } from './security-headers.ts';
import { installStrictRequests } from './strict-requests.ts';

export interface HttpServerOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly createId: () => string;
  /** Certificate and key; absent: no TLS, for tests that inject requests. */
  readonly tls?: SecureContextOptions;
  /** Proxies whose `X-Forwarded-For` is believed; empty: nobody's. */
  readonly trustedProxies?: readonly string[];
  readonly isStrictTransport?: boolean;
  readonly isResponseChecked?: boolean;
  readonly limits?: RequestLimitSettings;
  readonly maxConnections?: number;
  /** Connections that stay open for as long as their products live: they have places of their own. */
  readonly heldConnections?: number;
  readonly maxConnectionsPerNetwork?: number;
  /** Of all connections, those that strangers cannot have. */
  readonly reservedConnections?: number;
  /** Read from the system where it is absent. */
  readonly openFileLimit?: number;
  /** How long a request may take to arrive; tests take less. */
  readonly arrival?: ArrivalLimits;
}

export interface ArrivalLimits {
  readonly headersMs: number;
  readonly requestMs: number;
  /** How often connections are looked at. */
  readonly checkMs: number;
}

export interface HttpServer extends RouteRegistrars {
  readonly app: FastifyInstance;
  /** What is served in front of the framework. */
  readonly hotCalls: HotCalls;
  /** Every route with who may call it. */
  readonly routes: readonly RegisteredRoute[];
  /** Must be called before the server listens: without it nobody is known. */
  useAuthentication(authentication: Authentication): void;
  /** Connections that were ended before anything was read from them, since the start. */
  refusedConnections(): number;
  /** New connections see this certificate; open ones go on. */
  replaceCertificate(tls: SecureContextOptions): void;
}

// Slower than this is not a slow network but someone who holds connections open.
const defaultArrival: ArrivalLimits = { headersMs: 15_000, requestMs: 30_000, checkMs: 5_000 };
const TLS_HANDSHAKE_TIMEOUT_MS = 10_000;
// Longer than the default heartbeat interval, so that a product that beats over HTTPS keeps its connection.
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
// TLS 1.2 with forward secrecy is the oldest that current systems of all kinds still need, and of it only what
// authenticates what it encrypts (AEAD).
const TLS_OPTIONS = {
  minVersion: 'TLSv1.2',
  honorCipherOrder: true,
  ciphers: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_GCM_SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
  ].join(':'),
} as const;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_CONNECTIONS = 15_000;
// A large office behind one address fits; nobody alone takes what administrators elsewhere need.
const MAX_CONNECTIONS_PER_NETWORK = 5_000;
// Three networks of strangers could hold everything; whoever proved who they are still comes in.
/** Fewer places than this are few for an office. */
const TIGHT_CONNECTIONS = 2_000;
const RESERVED_CONNECTIONS = 3_000;

/** The HTTP edge: strict input, access before bodies, problems for every failure. It listens when told. */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { log, isStrictTransport = false, arrival = defaultArrival } = options;
  const limits = new RequestLimits(options.clock, options.limits ?? defaultRequestLimits);
  let authentication: Authentication | undefined;

  const createRequestId = createRequestIds(options.createId());
  const refused = new WeakSet<Socket>();
  const serverOptions = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: arrival.headersMs,
    connectionsCheckingInterval: arrival.checkMs,
    noDelay: true,
    // strict-requests.ts answers with a problem instead.
    requireHostHeader: false,
  };
  const app = fastify({
    ...(options.tls === undefined
      ? { http: serverOptions }
      : {
          https: {
            ...serverOptions,
            ...options.tls,
            ...TLS_OPTIONS,
            handshakeTimeout: TLS_HANDSHAKE_TIMEOUT_MS,
            ALPNProtocols: ['http/1.1'],
          },
        }),
    bodyLimit: API_BODY_LIMIT,
    requestTimeout: arrival.requestMs,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    exposeHeadRoutes: false,
    trustProxy:
      options.trustedProxies === undefined || options.trustedProxies.length === 0
        ? false
        : [...options.trustedProxies],
    requestIdHeader: false,
    genReqId: createRequestId,
    loggerInstance: log,
    // Every line of ours names its request; a logger for each request would be made for nothing.
    childLoggerFactory: (logger: Logger) => logger,
    logController: new LogController({ disableRequestLogging: true }),
    clientErrorHandler: (error: Error, socket: Socket) =>
      // What follows a request that was refused is broken as well, and has had its answer.
      refused.has(socket) ? socket.destroySoon() : answerBrokenConnection(error, socket),
    // Addresses that are none reach no hook, so the headers are set here.
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) =>
      void sendProblem(
        request,
        reply.headers({ ...securityHeaders({ isStrictTransport }), 'x-request-id': request.id }),
        error,
        log,
      ),
    routerOptions: { maxParamLength: 256 },
  } as Parameters<typeof fastify>[0]) as unknown as FastifyInstance;
  const wanted = {
    total: options.maxConnections ?? MAX_CONNECTIONS + (options.heldConnections ?? 0),
    perNetwork: options.maxConnectionsPerNetwork ?? MAX_CONNECTIONS_PER_NETWORK,
    reserved: options.reservedConnections ?? RESERVED_CONNECTIONS,
  };
  const openFiles = options.openFileLimit ?? (await readOpenFileLimit());
  const budget = planConnections(wanted, openFiles);
  if (budget.total < wanted.total) {
    const isTight = budget.total < TIGHT_CONNECTIONS;
    log[isTight ? 'warn' : 'info'](
      { openFiles, wanted: wanted.total, connections: budget.total },
      'the limit of open files of this process allows fewer connections than the server would take; raise it',
    );
  }
  const networks = new KnownNetworks(options.clock);
  app.server.maxConnections = budget.total;
  let refusedConnections = (): number => 0;
  // Behind a proxy all connections come from one address, and the proxy is the one who can tell.
  if (options.trustedProxies === undefined || options.trustedProxies.length === 0)
    refusedConnections = installConnectionLimit(app.server, {
      maxPerNetwork: budget.perNetwork,
      maxOfStrangers: budget.total - budget.reserved,
      clock: options.clock,
      isKnown: (address) => networks.isKnown(address),
    }).refused;

  // First of all hooks: access control reads the cookies that this one parses.
  await app.register(cookie);

  app.removeAllContentTypeParsers();
  const readJson = async (request: FastifyRequest, body: Buffer): Promise<unknown> => {
    const { gzip, jsonBounds } = request.routeOptions.config;
    // Until its turn has come, a body is bytes and nothing more.
    await request.turn?.take();
    const encoding = request.headers['content-encoding'];
    return parseJsonBody(encoding === undefined ? body : await unpackBody(body, encoding, gzip), jsonBounds);
  };
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, readJson);
  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  app.addHook('onRoute', (route) => {
    const kind = route.config?.bodyKind;
    if (kind !== undefined) addRouteHook(route, 'preValidation', createBodyKindHook(kind));
  });

  installSecurityHeaders(app, { isStrictTransport });
  installRequestLog(app, log);
  installErrorAnswers(app, log);
  installStrictInput(app);
  const pacer = new RefusalPacer(limits.pacing, {
    clock: options.clock,
    isKnown: (address) => networks.isKnown(address),
  });
  const routes = installAccessControl(app, {
    limits,
    pacer,
    findAuthentication: () => authentication,
    onProven: (address) => networks.remember(address),
  });

  const hotCalls = new HotCalls({
    createRequestId,
    isLogged: () => log.isLevelEnabled('trace'),
    describeFailure: (error, call) => {
      const answer = toProblem(error, call.requestId);
      if (answer.isForLog) logFailure(log, call, error, answer.problem.status);
      return answer;
    },
    pacer,
  });
  hotCalls.install(app.server);
  installStrictRequests(app.server, (response, reason) => {
    if (response.socket !== null) refused.add(response.socket);
    const requestId = createRequestId();
    const error = new HttpError('REQUEST_MALFORMED', reason);
    writeProblem(response, toProblem(error, requestId), requestId);
  });
  installRequestQueue(app.server, (socket, end) =>
    pacer.pause({ connection: socket, address: socket.remoteAddress ?? '' }, end),
  );
  app.addHook('preClose', (done) => {
    hotCalls.close();
    pacer.close();
    done();
  });
  const registrars = createRouteRegistrars(app, {
    limits,
    hotCalls,
    isResponseChecked: options.isResponseChecked ?? false,
  });
  return {
    app,
    hotCalls,
    routes,
    ...registrars,
    useAuthentication(value) {
      authentication = value;
    },
    refusedConnections: () => refusedConnections(),
    replaceCertificate(tls) {
      if (app.server instanceof TlsServer) app.server.setSecureContext({ ...tls, ...TLS_OPTIONS });
    },
  };
}

/** Ids of requests: unique beyond this process, and quick, because every heartbeat has one. */
function createRequestIds(processId: string): () => string {
  const prefix = processId.replaceAll('-', '').slice(-12);
  let count = 0;
  return () => {
    count += 1;
    return `${prefix}-${count.toString(36)}`;
  };
}

function createBodyKindHook(kind: BodyKind): preValidationHookHandler {
  return (request, _reply, done) => {
    const isBytes = Buffer.isBuffer(request.body);
    if (kind === 'none' && request.body !== undefined && request.body !== null) {
      return done(new HttpError('BODY_NOT_EXPECTED', 'This call takes no body.'));
    }
    if ((kind === 'json' && isBytes) || (kind === 'bytes' && !isBytes)) {
      const wanted = kind === 'json' ? 'application/json' : 'application/octet-stream';
      return done(new HttpError('CONTENT_TYPE_UNSUPPORTED', `This call takes a body of type ${wanted}.`));
    }
    done();
  };
}
