import { join } from 'node:path';
import { ExitCode } from '../cli.errors.ts';
import type { CliContext } from '../context.ts';
import { formatDuration } from '../output/duration.ts';
import { type AgentProcess, enrolAgent, runAgent } from './agent-process.ts';
import { keepServerRunning, type ServerProcess, startServerProcess } from './server-process.ts';

const PARENT_LOOK_MS = 1_000;

/** Runs everything on this computer until a signal comes, the npm that started it is gone, or the server ends. */
export async function runUp(
  context: CliContext,
  options: { readonly withAgent: boolean },
): Promise<ExitCode> {
  const say = (line: string): void => void context.stdout.write(`${line}\n`);
  const startedAt = context.now();
  const stopping = new AbortController();
  const stopRequested = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        stopping.abort();
        resolve();
      });
    }
    if (context.environment['npm_lifecycle_event'] !== undefined) onParentGone(() => process.emit('SIGTERM'));
  });
  const start = (): Promise<ServerProcess> => startServerProcess((text) => say(`  ${text}`), stopping.signal);

  const complain = (text: string): void => void context.stderr.write(`holdfast: ${text}\n`);

  const server = await start().catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error;
    complain('stopped before the server was ready.');
    return undefined;
  });
  if (server === undefined) return ExitCode.refused;
  const { ready } = server;
  let agent: AgentProcess | undefined;
  if (options.withAgent) {
    const agentHome = join(ready.home, 'agent');
    const outcome = await enrolAgent(context.environment, agentHome, () => server.requestLocalToken()).catch(
      async (error: unknown) => {
        // A server that nobody asked for alone does not stay behind.
        server.stop();
        await server.exited;
        throw error;
      },
    );
    agent = runAgent(context.environment, agentHome, context.now);
    say(
      outcome === 'enrolled'
        ? '  This computer is registered; its agent runs.'
        : '  The agent of this computer runs.',
    );
  }

  say('');
  say(`  Holdfast ${ready.version} is ready after ${formatDuration(context.now() - startedAt)}.`);
  const [first, ...others] = localFirst(ready.addresses);
  say(`  Console      ${first ?? ''}`);
  for (const address of others) say(`               ${address}`);
  if (ready.setupLink !== null) {
    say('');
    say('  Create the first administrator with this link. It works once, for one hour:');
    say(`  ${ready.setupLink}`);
  }
  say('');
  say("  The certificate is this server's own, so the browser asks once whether you trust it.");
  say('  Ctrl-C stops everything.');

  const serverStopping = new AbortController();
  const agentEnded = stopRequested.then(async () => {
    say('\n  Stopping …');
    // The agent goes first: its goodbye needs the server.
    await agent?.stop();
    serverStopping.abort();
  });
  const code = await keepServerRunning(server, {
    start,
    stopping: serverStopping.signal,
    now: context.now,
    onFall: (status, delayMs) =>
      complain(`the server ended with status ${status}; it is started again in ${formatDuration(delayMs)}.`),
    onBack: () => say('  The server is back.'),
    onFailure: (error, delayMs) =>
      complain(
        `the server did not start: ${error instanceof Error ? error.message : String(error)} It is tried again in ${formatDuration(delayMs)}.`,
      ),
  });
  if (stopping.signal.aborted) {
    await agentEnded;
    if (code !== 0) complain(`the server ended with status ${code}.`);
    say('  Stopped.');
    return code === 0 ? ExitCode.done : ExitCode.refused;
  }
  complain(`the server ended with status ${code}; stopping the agent.`);
  await agent?.stop();
  return ExitCode.refused;
}

/** Whoever ends npm the hard way means us. */
function onParentGone(callback: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    callback();
  }, PARENT_LOOK_MS);
  timer.unref();
}

/** The person at this terminal most likely sits at this computer. */
function localFirst(addresses: readonly string[]): string[] {
  const isLocal = (address: string): boolean => new URL(address).hostname === 'localhost';
  return [...addresses.filter(isLocal), ...addresses.filter((address) => !isLocal(address))];
}
