/**
 * The whole server on a database of its own, without a port: routes are called by `inject`.
 *
 * ```ts
 * let server: TestServer;
 * before(async () => {
 *   server = await startTestServer();
 * });
 * after(() => server.close());
 *
 * test('…', async () => {
 *   const answer = await server.call({ method: 'GET', url: '/api/v1/devices' }, server.actAs());
 *   assert.equal(answer.statusCode, 200);
 * });
 * ```
 *
 * Time stands still until `server.clock.advance`; ticks run by `server.ticks.run`, jobs by
 * `server.jobs.run`. Answers are checked against their
 * contract: one that does not keep it is a 500. Imported by tests only.
 */
import { createHash, createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@holdfast/kernel';
import { createCertificateAuthority, issueServerCertificate } from '@holdfast/trust/certificates';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import { type App, createApp } from '../app.ts';
import type { ModuleOptions } from '../modules.ts';
import { createTestDatabase, type TestDatabase } from '../platform/database/test-database.ts';
import { defaultRequestLimits, type RequestLimitSettings } from '../platform/http/request-limits.ts';
import { describeAuthority, type OwnAuthorityKeeper } from '../platform/keys/authority-keeper.ts';
import type { ServerKeys } from '../platform/keys/server-keys.ts';
import { createStillAuthority } from './test-authority.ts';
import { type CallerHeaders, createTestCallers, type TestCallers } from './test-callers.ts';
import { createTestClock, type TestClock } from '../platform/clock/test-clock.ts';
import { createTestJobs, type TestJobs } from './test-jobs.ts';
import { quickPasswordHashing } from './test-passwords.ts';
import { createTestTicks, type TestTicks } from '../platform/ticks/test-ticks.ts';

export interface TestServerOptions {
  readonly clock?: TestClock;
  /** Keep the limits of requests; otherwise there are none, so that a test may call as often as it likes. */
  readonly limits?: RequestLimitSettings;
  /** Where lines of the log go; nowhere unless told. */
  readonly onLogLine?: (line: string) => void;
  /** Passwords are hashed quickly unless told; `@holdfast/trust` takes tenths of a second for each. */
  readonly moduleOptions?: ModuleOptions;
  /** Folder with a built console; none unless told. */
  readonly consoleFolder?: string;
  /** Opens a port with TLS on the loopback address, for whoever has to speak through real sockets. */
  readonly isListening?: boolean;
  /** Loopback address of the ports; that of IPv4 unless told. */
  readonly host?: '127.0.0.1' | '::1';
  /** An authority that can be renewed, of a server that listens; its certificates are made by real time. */
  readonly authority?: OwnAuthorityKeeper;
  /** Called before the routes are made final, for routes of the test's own. */
  readonly prepare?: (app: App) => void;
}

/** What a server keeps over a restart. */
interface KeptWorld {
  readonly database: TestDatabase;
  readonly certified: Certified | undefined;
  readonly keys: ServerKeys;
  readonly callers: TestCallers;
  readonly ports: { readonly https: number; readonly udp: number };
}

interface Certified {
  readonly keys: ServerKeys;
  readonly tls: { readonly key: string; readonly cert: string };
}

export interface TestServer extends Pick<TestCallers, 'actAs' | 'actAsProduct'>, AsyncDisposable {
  readonly app: App;
  readonly clock: TestClock;
  readonly ticks: TestTicks;
  readonly jobs: TestJobs;
  readonly keys: ServerKeys;
  readonly database: TestDatabase;
  /** `https://127.0.0.1:port`, or with the other host, of a server that listens. */
  readonly address: string;
  /** Of a server that listens: for a test that puts something of its own in front of it. */
  readonly tls: Certified['tls'] | undefined;
  /** Returns when followers have heard every event that was committed before, and open views are told. */
  hearEvents(): Promise<void>;
  /** One request, as the given caller or as nobody. */
  call(request: InjectOptions, caller?: CallerHeaders): Promise<LightMyRequestResponse>;
  /** Stops it and starts another on the same database, with the same keys and at the same ports. This one is gone then. */
  restart(options?: Pick<TestServerOptions, 'clock'>): Promise<TestServer>;
  close(): Promise<void>;
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const certified = options.isListening === true ? await certify(options.authority) : undefined;
  const keys = certified?.keys ?? createTestKeys();
  const database = await createTestDatabase();
  const callers = createTestCallers(randomUUID);
  return await startOn({ database, certified, keys, callers, ports: { https: 0, udp: 0 } }, options);
}

async function startOn(world: KeptWorld, options: TestServerOptions): Promise<TestServer> {
  const { database, certified, keys, callers, ports } = world;
  const { host = '127.0.0.1' } = options;
  const clock = options.clock ?? createTestClock();
  const ticks = createTestTicks();
  const { onLogLine } = options;
  const log =
    onLogLine === undefined ? pino({ level: 'silent' }) : pino({ level: 'trace' }, { write: onLogLine });
  try {
    const app = await createApp({
      clock,
      log,
      ticks,
      keys,
      database: database.opened,
      server: {
        version: '0.0.0-test',
        name: 'test-server',
        timeZone: 'UTC',
        startedAtMs: clock.now(),
        publicAddresses: () => ['https://test-server:8443', 'https://localhost:8443'],
        udp: { host, port: ports.udp },
        certificateExpiresAtMs: () => clock.now() + 90 * 86_400_000,
        databaseKind: 'embedded',
        isDatabaseNewer: false,
        probeDatabase: async () => ({ isReachable: true, isWritable: true, version: 'test' }),
      },
      consoleFolder: options.consoleFolder ?? '/nonexistent/console',
      http: {
        isResponseChecked: true,
        limits: options.limits ?? withoutLimits,
        ...(certified === undefined ? {} : { tls: certified.tls }),
      },
      moduleOptions: { passwordHashing: quickPasswordHashing, ...options.moduleOptions },
      wrapAuthentication: callers.wrap,
    });
    options.prepare?.(app);
    await app.start();
    if (certified !== undefined) await app.http.app.listen({ host, port: ports.https });
    options.authority?.onSwitch(async () =>
      app.http.replaceCertificate((await certify(options.authority)).tls),
    );
    const port = (app.http.app.server.address() as AddressInfo | null)?.port ?? 0;
    const udpPort = app.modules.datagrams.udpPort();
    const close = async (): Promise<void> => {
      await app.stop();
      await database.close();
    };
    return {
      app,
      clock,
      ticks: {
        ...ticks,
        get names() {
          return ticks.names;
        },
        // As with real time: whoever works by turns has heard by then what was committed before.
        async run(name) {
          await app.platform.events.dispatch();
          await ticks.run(name);
        },
      },
      jobs: createTestJobs(app.jobs, database.db),
      keys,
      database,
      tls: certified?.tls,
      hearEvents: () => app.platform.events.dispatch(),
      address: `https://${host === '::1' ? '[::1]' : host}:${port}`,
      actAs: callers.actAs,
      actAsProduct: callers.actAsProduct,
      call: async (request, caller = {}) =>
        await app.http.app.inject({ ...request, headers: { ...caller, ...request.headers } }),
      async restart(changes = {}) {
        await app.stop();
        const udp = udpPort ?? 0;
        return await startOn({ ...world, ports: { https: port, udp } }, { ...options, ...changes });
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

const boundless = { burst: Infinity, perSecond: Infinity };
const withoutLimits: RequestLimitSettings = {
  // Every class of the real ones, and nothing that limits it.
  classes: Object.fromEntries(
    Object.keys(defaultRequestLimits.classes).map((name) => [name, {}]),
  ) as RequestLimitSettings['classes'],
  maxProductBodyBytes: Infinity,
  maxStrangerBodyBytes: Infinity,
  bodyPatienceMs: Infinity,
  refusalPauseMs: 0,
  refusals: boundless,
  productBytes: boundless,
  productThreadMs: boundless,
  allProductsThreadMs: boundless,
};

/** Keys as they would be read from disk. The authority is a text of its own kind: nothing here opens a TLS port. */
function createTestKeys(): ServerKeys {
  const authority = randomBytes(32);
  return {
    masterKey: createSecretKey(randomBytes(32)),
    authorities: createStillAuthority({
      certificate: `-----BEGIN CERTIFICATE-----\n${authority.toString('base64')}\n-----END CERTIFICATE-----\n`,
      fingerprint: createHash('sha256').update(authority).digest('base64url'),
      beginsAtMs: Date.parse('2026-01-01'),
      endsAtMs: Date.parse('2036-01-01'),
    }),
  };
}

/** A certificate of an authority of its own, for a server that listens; clients check it by real time. */
async function certify(own?: OwnAuthorityKeeper): Promise<Certified> {
  const nowMs = systemClock.now();
  const authority = own?.signer ?? (await createCertificateAuthority(nowMs));
  const issued = await issueServerCertificate({ authority, names: ['127.0.0.1', '::1'], nowMs });
  return {
    keys: {
      masterKey: createSecretKey(randomBytes(32)),
      authorities: own ?? createStillAuthority(describeAuthority(authority.certificate)),
    },
    tls: {
      key: issued.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      cert: issued.certificate,
    },
  };
}
