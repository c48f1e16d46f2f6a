import { parseProcessRequest, type ProcessMessage } from '@holdfast/api';
import { AppError, describeFailure, formatFailure, guardProgram } from '@holdfast/kernel';
import { loadConfig } from './config/config.ts';
import { type RunningServer, startServer } from './server.ts';

const EXIT_FAILED = 1;
/** A clean stop takes less; a part that hangs must not keep the process alive for ever. */
const STOP_LIMIT_MS = 25_000;

const guard = guardProgram(process, { onFault: endFor });
const stopping = new AbortController();
let server: RunningServer | undefined;
let endCode: number | undefined;

/** Started by a parent with a channel, everything goes there; else to the terminal. */
function tell(message: ProcessMessage): void {
  if (process.send !== undefined) {
    if (process.connected) process.send(message);
    return;
  }
  process.stdout.write(describe(message));
}

function describe(message: ProcessMessage): string {
  switch (message.event) {
    case 'progress':
      return `${message.text} …\n`;
    case 'ready': {
      const link =
        message.setupLink === null
          ? ''
          : `Create the first administrator with this link; it works once, for one hour:\n  ${message.setupLink}\n`;
      return `Holdfast ${message.version} is ready at ${message.addresses.join(', ')}\n${link}`;
    }
    case 'failed':
      return '';
    case 'local-enrolment-token':
      return '';
  }
}

/** The parent tells people, as long as it waits for an answer; what comes later it only hears of, and the terminal tells it. */
function tellFailure(error: unknown, isAwaited = server === undefined): void {
  const failure = describeFailure(error);
  const hasParent = process.send !== undefined && process.connected;
  if (hasParent) tell({ event: 'failed', ...failure });
  if (hasParent && isAwaited) guard.noteTold();
  else process.stderr.write(formatFailure(failure));
}

/** Ends the process once, whatever asked for it first. */
async function end(code: number): Promise<void> {
  if (endCode !== undefined) return;
  endCode = code;
  setTimeout(() => {
    process.stderr.write(
      `holdfast: The server did not stop within ${STOP_LIMIT_MS / 1_000} seconds. (STOP_TIMEOUT)\n`,
    );
    process.exit(code === 0 ? EXIT_FAILED : code);
  }, STOP_LIMIT_MS).unref();
  stopping.abort();
  // While the start is still under way it ends by itself, and `run` goes on from there.
  if (server === undefined) return;
  await server.stop();
  process.exit(code);
}

function endFor(error: unknown): void {
  // The log writes it to the terminal as well, but not what to do about it.
  server?.recordFatal(error);
  if (server === undefined || error instanceof AppError) tellFailure(error);
  void end(EXIT_FAILED);
}

async function run(): Promise<void> {
  try {
    const config = loadConfig(process.env);
    server = await startServer(config, {
      onProgress: (text) => tell({ event: 'progress', text }),
      writeWarning: (text) => process.stderr.write(text),
      onFatal: endFor,
      signal: stopping.signal,
    });
    const link = await server.app.modules.createSetupLink();
    if (stopping.signal.aborted) throw new DOMException('stopped while starting', 'AbortError');
    tell({
      event: 'ready',
      home: server.home,
      version: server.version,
      addresses: server.addresses,
      setupLink: link?.address ?? null,
      setupLinkExpiresAt: link?.expiresAt.toISOString() ?? null,
    });
  } catch (error) {
    await server?.stop();
    if (endCode === undefined) tellFailure(error, true);
    // The channel delivers before the process ends.
    if (process.connected) process.disconnect();
    process.exit(endCode ?? EXIT_FAILED);
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0));
// The parent died: whoever watched this server is gone.
process.on('disconnect', () => void end(0));
process.on('message', (message) => {
  if (parseProcessRequest(message) === undefined || server === undefined) return;
  server.app.modules.createLocalEnrolmentToken().then(
    (tokenString) => tell({ event: 'local-enrolment-token', tokenString }),
    (error: unknown) => tellFailure(error, true),
  );
});
await run();
