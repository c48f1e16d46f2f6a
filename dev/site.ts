import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { systemClock } from '@holdfast/kernel';
import { loadConfig } from '../apps/server/src/config/config.ts';
import { type RunningServer, startServer } from '../apps/server/src/server.ts';
import { findFreePort } from '../e2e/support/free-port.ts';
import { PastClock } from './past-clock.ts';

/** The whole server with its own database, in this process and on the loopback address only. */
export interface Site {
  readonly home: string;
  /** `https://localhost:port`. */
  readonly origin: string;
  readonly server: RunningServer;
  readonly clock: PastClock;
  /** Stops the server; a home that was made for it is gone then. */
  close(): Promise<void>;
}

export interface SiteOptions {
  /** A folder that stays; one that is gone at the end unless told. */
  readonly home?: string | undefined;
  /** The console that the server itself serves. */
  readonly consoleFolder?: string | undefined;
  readonly onProgress?: (text: string) => void;
  /** Told what the log of the server warns of; nobody unless told. */
  readonly onWarning?: (text: string) => void;
  readonly onFatal?: (error: unknown) => void;
  readonly signal?: AbortSignal;
}

/** Where people are told to reach the server: a name that looks like theirs, beside the one that works here. */
const PUBLIC_ADDRESS = 'https://holdfast.example.org:8443';

export async function openSite(options: SiteOptions = {}): Promise<Site> {
  const { home, consoleFolder, onProgress = () => {}, onWarning = () => {}, onFatal = () => {} } = options;
  const folder = home === undefined ? await makeFolder() : resolve(home);
  const state = join(folder, 'state');
  await mkdir(state, { recursive: true });
  const remove = async (): Promise<void> => {
    if (home === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  };
  const port = await findFreePort();
  const origin = `https://localhost:${port}`;
  const clock = new PastClock(systemClock);
  try {
    const server = await startServer(
      loadConfig({
        HOLDFAST_HOME: state,
        HOLDFAST_HOST: '127.0.0.1',
        HOLDFAST_PORT: String(port),
        HOLDFAST_PUBLIC_ADDRESS: `${PUBLIC_ADDRESS},${origin}`,
        HOLDFAST_WEBHOOK_LOOPBACK: 'on',
        HOLDFAST_LOG_LEVEL: 'error',
        HOLDFAST_CONSOLE_DIR: consoleFolder,
      }),
      {
        onProgress,
        writeWarning: onWarning,
        onFatal,
        signal: options.signal ?? new AbortController().signal,
        clock,
      },
    );
    const close = async (): Promise<void> => {
      await server.stop();
      await remove();
    };
    return { home: folder, origin, server, clock, close };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-dev-'));
  // As root the database runs under a user of its own, which has to be able to pass through.
  await chmod(folder, 0o711);
  return folder;
}
