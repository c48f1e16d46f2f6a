import { readFileSync } from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Clock, systemClock } from '@holdfast/kernel';
import { type App, createApp } from './app.ts';
import type { ServerConfig } from './config/config.ts';
import { assertPortsFree, chooseHost, listenTcp, wrapListenError } from './processes/listen.ts';
import { closeKeysFolder, type HomeLayout, lockHome, makeHome } from './platform/home/home.ts';
import { parseNoPayload } from './platform/jobs/jobs.ts';
import type { ArchiveSources } from './modules/installation/index.ts';
import { readServerAddresses } from './modules/settings/index.ts';
import { openHeadFile } from './platform/audit/audit-head-file.ts';
import { createSuppliedAuthority, openOwnAuthority } from './platform/keys/authority-keeper.ts';
import { assertAuthorityValid, assertPlausibleClock } from './platform/keys/authority-time.ts';
import { type CertificateKeeper, openCertificate } from './platform/keys/certificate-keeper.ts';
import { openKeys } from './platform/keys/key-store.ts';
import { listCertificateNames } from './platform/keys/server-certificate.ts';
import { openServerLog } from './platform/log/server-log.ts';
import type { ServerState } from './platform/server-state.ts';
import { createTimedTicks } from './platform/ticks/timed-ticks.ts';
import { hasProducts, readDatabaseVersion } from './processes/server.store.ts';
import { openServerDatabase, type ServerDatabase } from './processes/server-database.ts';
import { listPublicAddresses } from './config/public-addresses.ts';
import { StopList } from './processes/stop-list.ts';

export interface StartOptions {
  /** Told what takes time, in words for people. */
  readonly onProgress: (text: string) => void;
  /** Gets warnings and errors of the log as text. */
  readonly writeWarning: (text: string) => void;
  /** Called when the server can no longer do its work: it is to be stopped. */
  readonly onFatal: (error: unknown) => void;
  /** Gives the start up. */
  readonly signal: AbortSignal;
  /** That of the computer unless told. */
  readonly clock?: Clock;
}

/** A server that takes requests. */
export interface RunningServer {
  readonly app: App;
  readonly home: string;
  readonly version: string;
  readonly addresses: readonly string[];
  /** Ends everything in order, within bounds. May be called more than once. */
  stop(): Promise<void>;
  /** Writes into the log what ended the process. */
  recordFatal(error: unknown): void;
}

/** The version of this program, from its package. */
export function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/**
 * Starts the server: home, keys, database, structure, modules, ports. When this throws, nothing of it is left running.
 *
 * @throws AppError of the area that refused, with what to do about it
 */
export async function startServer(config: ServerConfig, options: StartOptions): Promise<RunningServer> {
  const stopList = new StopList();
  try {
    return await startParts(config, options, stopList);
  } catch (error) {
    await stopList.run();
    throw error;
  }
}

async function startParts(
  config: ServerConfig,
  { onProgress, writeWarning, onFatal, signal, clock = systemClock }: StartOptions,
  stopList: StopList,
): Promise<RunningServer> {
  const startedAtMs = clock.now();
  const version = readVersion();
  const home = await makeHome(config.home);
  const lock = await lockHome(home);
  stopList.add('lock', async () => await lock.release());
  const { log, close: closeLog } = openServerLog({ folder: home.log, level: config.logLevel, writeWarning });
  stopList.add('log', async () => closeLog());
  log.info({ version, home: home.folder, node: process.version }, 'the server starts');
  assertPlausibleClock(startedAtMs);
  await closeKeysFolder(home, log);
  const host = chooseHost(config.host);
  await assertPortsFree(host, config.port, config.udpPort);

  const database = await openServerDatabase({ config, version, log, onTaken: onFatal, onProgress, signal });
  // Two parts: a connection that does not close must not leave PostgreSQL running.
  stopList.add('database', async () => await database.stop());
  stopList.add('database connections', async () => await database.close());
  signal.throwIfAborted();

  const keyStore = { folder: home.keys, log };
  const stored = await openKeys({
    ...keyStore,
    nowMs: clock.now(),
    hasProducts: async () => await hasProducts(database.opened.db),
  });
  // The port is not known before it is open when the system chooses it; names do not depend on it.
  let port = config.port;
  const listAddresses = (certificateNames: readonly string[] | undefined): readonly string[] =>
    listPublicAddresses({
      configured: config.publicAddresses,
      host: config.host,
      port,
      certificateNames,
      hostName: os.hostname(),
      interfaces: os.networkInterfaces(),
    });
  const own = config.tls === undefined ? await openOwnAuthority(keyStore, stored.authority) : undefined;
  if (own !== undefined) assertAuthorityValid(own.current, clock.now());
  // Products may be told to come under these names.
  let toldAddresses = await readServerAddresses(database.opened.db);
  const keeper = await openCertificate({
    ...keyStore,
    clock,
    authority: () => own?.signer ?? stored.authority,
    supplied: config.tls,
    listNames: () => listCertificateNames([...listAddresses(undefined), ...toldAddresses]),
    publicNames: config.publicAddresses.map((address) => new URL(address).hostname.replace(/^\[|\]$/g, '')),
  });
  own?.onSwitch(async () => void (await keeper.renew()));
  const publicAddresses = (): readonly string[] =>
    listAddresses(config.tls === undefined ? undefined : keeper.current.names);

  onProgress('Starting the server');
  const ticks = createTimedTicks({
    log,
    waitForDatabase: async (waitSignal) => await database.opened.waitUntilReady(waitSignal),
  });
  const app = await createApp({
    clock,
    log,
    ticks,
    database: database.opened,
    keys: {
      masterKey: stored.masterKey,
      authorities: own ?? createSuppliedAuthority(() => keeper.current.authority),
    },
    server: {
      version,
      name: os.hostname(),
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      startedAtMs,
      publicAddresses,
      udp:
        config.udpPort === null
          ? null
          : {
              host,
              port: config.udpPort,
              ...(config.udpReceivers === undefined ? {} : { receivers: config.udpReceivers }),
            },
      certificateExpiresAtMs: () => keeper.current.expiresAtMs,
      databaseKind: database.kind,
      isDatabaseNewer: database.newerMigrations.length > 0,
      probeDatabase: createDatabaseProbe(database),
    },
    consoleFolder: config.consoleFolder,
    auditHeadMemory: openHeadFile(home.auditHead),
    isProcessMeasured: true,
    http: {
      tls: { key: keeper.current.privateKey, cert: keeper.current.chain },
      trustedProxies: config.trustedProxies,
      isStrictTransport: config.tls !== undefined,
      heldConnections: config.heldStreamLimit,
    },
    moduleOptions: {
      sessionLimits: config.session,
      commandRetentionMs: config.commandRetentionMs,
      heldStreamLimit: config.heldStreamLimit,
      webhookRules: { allowsLoopback: config.canWebhooksReachLoopback },
      archiveSources: findArchiveSources(home),
      componentsFolder: home.components,
    },
  });
  stopList.add('modules', async () => await app.stop());
  renewCertificate(app, keeper);
  app.modules.settings.onServerAddressesChange((addresses) => {
    toldAddresses = addresses;
    // It says itself what went wrong; the certificate in use goes on.
    keeper.renew().catch(() => undefined);
  });
  try {
    await app.start();
  } catch (error) {
    throw await wrapListenError(error, host, config.port);
  }
  signal.throwIfAborted();
  port = await listenTcp(app.http, host, config.port);
  const addresses = publicAddresses();
  log.info({ host, port, addresses, durationMs: clock.now() - startedAtMs }, 'the server is ready');
  return {
    app,
    home: home.folder,
    version,
    addresses,
    stop: async () => {
      log.info({}, 'the server stops');
      await stopList.run((name, error) =>
        log.error({ err: error, part: name }, 'a part did not stop cleanly'),
      );
    },
    recordFatal: (error) => log.fatal({ err: error }, 'the server ends because of an error'),
  };
}

/** The agent of this installation, and the runtime that this very process runs on. */
function findArchiveSources(home: HomeLayout): ArchiveSources {
  return {
    archivesFolder: home.agentArchives,
    runtimesFolder: home.agentRuntimes,
    agentProgram: fileURLToPath(new URL('../../agent/dist/agent.mjs', import.meta.url)),
    ownRuntime: {
      platform: `${process.platform}-${process.arch}`,
      file: process.execPath,
      // Distributions build it of libraries that other computers do not have.
      isPortable: (process.config.variables as { readonly node_shared?: unknown }).node_shared !== true,
    },
  };
}

function createDatabaseProbe({ opened }: ServerDatabase): ServerState['probeDatabase'] {
  // Asked for once: the version of a running server does not change without a new connection.
  let version: string | undefined;
  return async () => {
    const { isReachable, isReady } = await opened.probe();
    if (isReachable) version ??= await readDatabaseVersion(opened.db).catch(() => undefined);
    return { isReachable, isWritable: isReady, version: version ?? 'unknown' };
  };
}

function renewCertificate(app: App, keeper: CertificateKeeper): void {
  // The certificate is in the memory of this process, which is the only one of its database.
  app.platform.jobs.register({
    kind: 'certificate.renew',
    title: 'Renew the certificate',
    description:
      'Renews the certificate of the server before it ends, or reads the one of the organisation again. When it fails, the present one goes on until it ends.',
    schedule: { cron: '11 4 * * *' },
    parsePayload: parseNoPayload,
    run: async () => {
      assertPlausibleClock(app.platform.clock.now());
      return { certificate: await keeper.renew() };
    },
  });
  keeper.onChange(({ privateKey, chain }) => app.http.replaceCertificate({ key: privateKey, cert: chain }));
}
