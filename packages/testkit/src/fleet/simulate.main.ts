import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError, guardProgram, hasCode, systemClock } from '@holdfast/kernel';
import { createFleet } from './create-fleet.ts';
import { FleetError } from './fleet.errors.ts';
import type { Fleet } from './fleet.ts';
import type { FleetSnapshot } from './fleet-snapshot.ts';
import { readFleetState, writeFleetState } from './fleet-state-file.ts';
import { parseSimulateOptions, type SimulateOptions, simulateUsage } from './simulate-options.ts';
import { describeProgress, formatReport, type SimulateReport } from './simulate-report.ts';

/** The exit status of the command line: scripts rely on it. */
const ExitCode = { done: 0, refused: 1, usage: 2, verificationFailed: 3, serverNotReachable: 4 } as const;
const SAVE_EVERY_MS = 30_000;

guardProgram(process, { whenOutputIsLost: 'end' });
const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
process.once('SIGTERM', () => interrupted.abort());

/** Prints what happened, once a second and at the end of a part. */
class Narrator {
  readonly #fleet: Fleet;
  readonly #isJson: boolean;
  readonly #startedAtMs = systemClock.monotonic();
  #before: FleetSnapshot;
  #beforeMs = this.#startedAtMs;

  constructor(fleet: Fleet, isJson: boolean) {
    this.#fleet = fleet;
    this.#isJson = isJson;
    this.#before = fleet.snapshot({ takesLatency: true });
  }

  get elapsedMs(): number {
    return systemClock.monotonic() - this.#startedAtMs;
  }

  tell(event: SimulateReport['event']): FleetSnapshot {
    const nowMs = systemClock.monotonic();
    const now = this.#fleet.snapshot({ takesLatency: true });
    const isWhole = event === 'summary';
    const report = describeProgress(event, isWhole ? undefined : this.#before, now, {
      seconds: (nowMs - (isWhole ? this.#startedAtMs : this.#beforeMs)) / 1_000,
      totalSeconds: this.elapsedMs / 1_000,
      residentBytes: process.memoryUsage.rss(),
      processorSeconds: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
    });
    process.stdout.write(this.#isJson ? `${JSON.stringify(report)}\n` : formatReport(report));
    this.#before = now;
    this.#beforeMs = nowMs;
    return now;
  }
}

async function simulate(options: SimulateOptions): Promise<number> {
  const { stateFile, settings } = options;
  const token = await readToken(options.tokenFile);
  const saved = stateFile === undefined ? undefined : await readFleetState(stateFile);
  const fleet = await createFleet({
    ...settings,
    clock: systemClock,
    ...(token === undefined ? {} : { token }),
    ...(saved === undefined ? {} : { saved }),
  });
  try {
    await register(fleet, options);
    return await run(fleet, options);
  } finally {
    fleet.stop();
    if (stateFile !== undefined) await writeFleetState(stateFile, fleet.save());
  }
}

async function register(fleet: Fleet, options: SimulateOptions): Promise<void> {
  const narrator = new Narrator(fleet, options.isJson);
  const isOver = new AbortController();
  const registered = fleet.register().finally(() => isOver.abort());
  // Heard below, after the lines of the last second.
  registered.catch(() => undefined);
  let savedAtMs = 0;
  while (!isOver.signal.aborted && !interrupted.signal.aborted) {
    await pause(1_000, AbortSignal.any([isOver.signal, interrupted.signal]));
    narrator.tell('registering');
    const { stateFile } = options;
    if (stateFile === undefined || narrator.elapsedMs - savedAtMs < SAVE_EVERY_MS) continue;
    savedAtMs = narrator.elapsedMs;
    await writeFleetState(stateFile, fleet.save());
  }
  if (!interrupted.signal.aborted) await registered;
}

async function run(fleet: Fleet, options: SimulateOptions): Promise<number> {
  const { settings, restartAllAtMs, restartWithinMs, expectedIntervalMs } = options;
  const narrator = new Narrator(fleet, options.isJson);
  let isRestarted = false;
  let isWarned = expectedIntervalMs === undefined;
  if (settings.runMs > 0 && !interrupted.signal.aborted) fleet.start();
  while (narrator.elapsedMs < settings.runMs && !interrupted.signal.aborted) {
    await pause(Math.min(1_000, settings.runMs - narrator.elapsedMs), interrupted.signal);
    const { intervalMs } = narrator.tell('running');
    if (!isWarned && intervalMs > 0) {
      isWarned = true;
      if (intervalMs !== expectedIntervalMs) warnOfInterval(intervalMs, settings.forcedIntervalMs);
    }
    if (!isRestarted && restartAllAtMs !== undefined && narrator.elapsedMs >= restartAllAtMs) {
      isRestarted = true;
      fleet.restartAll(restartWithinMs);
    }
  }
  const { products } = narrator.tell('summary');
  if (products.refused === 0) return ExitCode.done;
  process.stderr.write(`The server refused products of the fleet: ${products.refused}.\n`);
  return ExitCode.refused;
}

function warnOfInterval(intervalMs: number, forcedIntervalMs: number | undefined): void {
  process.stderr.write(
    forcedIntervalMs === undefined
      ? `The server asks for a heartbeat every ${intervalMs / 1_000} s, and the fleet obeys. Change the interval in the settings of the server.\n`
      : `The server asks for a heartbeat every ${intervalMs / 1_000} s; the fleet sends one every ${forcedIntervalMs / 1_000} s, as --force-interval says. What the server says about presence then means nothing.\n`,
  );
}

/** Ends early, and quietly, when the signal says so. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

async function readToken(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  if (file === '-') return await text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new FleetError('FLEET_OPTION_INVALID', `The token file ${file} cannot be read.`, { cause });
  }
}

function chooseExitCode(error: AppError): number {
  if (hasCode(error, 'FLEET_OPTION_INVALID') || hasCode(error, 'FLEET_TARGET_FOREIGN')) return ExitCode.usage;
  const isUnproven =
    hasCode(error, 'SERVER_FINGERPRINT_MISMATCH') || hasCode(error, 'SERVER_CERTIFICATE_INVALID');
  if (isUnproven) return ExitCode.verificationFailed;
  const isAway = hasCode(error, 'SERVER_UNREACHABLE') || hasCode(error, 'FLEET_TARGET_UNKNOWN');
  return isAway ? ExitCode.serverNotReachable : ExitCode.refused;
}

const args = process.argv.slice(2);
const isJson = args.includes('--json');
try {
  if (args.length === 0 || args.includes('--help')) process.stdout.write(simulateUsage);
  else process.exitCode = await simulate(parseSimulateOptions(args));
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  const { code, message, remedy, facts } = error;
  process.stderr.write(
    isJson
      ? `${JSON.stringify({ code, message, remedy, facts })}\n`
      : `${message}${remedy === undefined ? '' : `\n${remedy}`}\n`,
  );
  process.exitCode = chooseExitCode(error);
}
