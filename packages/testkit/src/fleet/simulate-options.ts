import { parseArgs } from 'node:util';
import { Arrival } from './arrival-plan.ts';
import { FleetError } from './fleet.errors.ts';
import { type FleetSettings, FleetTransport } from './fleet-settings.ts';

/** What `npm run simulate` was asked for. */
export interface SimulateOptions {
  readonly settings: Omit<FleetSettings, 'clock' | 'token' | 'saved'>;
  /** Path, or `-` for standard input. */
  readonly tokenFile: string | undefined;
  readonly stateFile: string | undefined;
  /** The interval that the fleet was made for; a warning says when the server asks for another. */
  readonly expectedIntervalMs: number | undefined;
  readonly restartAllAtMs: number | undefined;
  readonly restartWithinMs: number;
  readonly isJson: boolean;
}

export const simulateUsage = `Usage: npm run simulate -- --server https://localhost:8443 --token-file FILE [options]

  --server ADDRESS         management server; only this computer, unless --i-own-this-server
  --token-file FILE        file with an enrolment token, or - for standard input
  --state FILE             keep the registered products in FILE, and come back as them
  --products N             how many (100)
  --transport WAY          udp, https or mixed (udp)
  --interval SECONDS       warn when the server asks for another interval
  --force-interval         use --interval whatever the server asks for, to look for limits
  --arrival CURVE          steady, burst or office (steady)
  --arrive-within TIME     time in which all have started (one interval, or more for many)
  --minutes N              length of the run after registration (10); 0 only registers
  --commands on|off        claim commands and report them as done (off)
  --lose, --duplicate, --reorder SHARE     of the datagrams, in each direction, e.g. 1%
  --delay FROM-TO          of each datagram, e.g. 0-500ms
  --clock-jump SHARE:TIME  share of products whose clock jumps by up to TIME, e.g. 1%:2h
  --silent SHARE           share of products that fall silent
  --restart-all-at TIME    restart every product at this moment of the run, e.g. 5m
  --restart-within TIME    time in which they come back (10s)
  --spread-addresses N     send from N addresses 127.1.x.y, as many sites would (0)
  --connections N          HTTPS connections of the whole fleet (64)
  --seed N                 decides arrivals, waits and faults (1)
  --json                   one JSON object a line
  --i-own-this-server      the server is not this computer, and is mine to storm
`;

const SHARE = /^(\d+(?:\.\d+)?)%$/u;
const TIME = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/u;
const UNIT_MS = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);
/** A fleet comes at this rate unless told otherwise: products for each second. */
const ARRIVALS_PER_SECOND = 1_000;
const MAX_PRODUCTS = 2_000_000;

/** @throws FleetError FLEET_OPTION_INVALID */
export function parseSimulateOptions(args: readonly string[]): SimulateOptions {
  const values = readArguments(args);
  if (values.server === undefined) throw invalid('--server', 'is missing');
  const products = parseCount('--products', values.products ?? '100', 1, MAX_PRODUCTS);
  const minutes = parseNumber('--minutes', values.minutes ?? '10', 0, 60 * 24 * 30);
  const expectedIntervalMs =
    values.interval === undefined ? undefined : 1_000 * parseNumber('--interval', values.interval, 1, 28_800);
  if (values['force-interval'] === true && expectedIntervalMs === undefined)
    throw invalid('--force-interval', 'needs --interval');
  const withinMs = Math.max(expectedIntervalMs ?? 60_000, (products / ARRIVALS_PER_SECOND) * 1_000);
  const [minDelayMs, maxDelayMs] = parseDelay(values.delay ?? '0-0ms');
  const [clockJumpShare, maxClockJumpMs] = parseJump(values['clock-jump'] ?? '0%:0s');
  const restartAt = values['restart-all-at'];
  return {
    settings: {
      server: values.server,
      products,
      transport: parseChoice('--transport', values.transport ?? 'udp', FleetTransport),
      arrival: parseChoice('--arrival', values.arrival ?? 'steady', Arrival),
      arriveWithinMs:
        values['arrive-within'] === undefined
          ? withinMs
          : parseTime('--arrive-within', values['arrive-within']),
      runMs: minutes * 60_000,
      networkFaults: {
        loseShare: parseShare('--lose', values.lose ?? '0%'),
        duplicateShare: parseShare('--duplicate', values.duplicate ?? '0%'),
        reorderShare: parseShare('--reorder', values.reorder ?? '0%'),
        minDelayMs,
        maxDelayMs,
      },
      productFaults: {
        clockJumpShare,
        maxClockJumpMs,
        silentShare: parseShare('--silent', values.silent ?? '0%'),
      },
      obeysCommands: parseChoice('--commands', values.commands ?? 'off', { on: 'on', off: 'off' }) === 'on',
      seed: parseCount('--seed', values.seed ?? '1', 0, 2 ** 31),
      connections: parseCount('--connections', values.connections ?? '64', 1, 4_000),
      addresses: parseCount('--spread-addresses', values['spread-addresses'] ?? '0', 0, 4_000),
      isOwnServer: values['i-own-this-server'] ?? false,
      timeoutMs: 30_000,
      ...(values['force-interval'] === true && expectedIntervalMs !== undefined
        ? { forcedIntervalMs: expectedIntervalMs }
        : {}),
    },
    tokenFile: values['token-file'],
    stateFile: values.state,
    expectedIntervalMs,
    restartAllAtMs: restartAt === undefined ? undefined : parseTime('--restart-all-at', restartAt),
    restartWithinMs: parseTime('--restart-within', values['restart-within'] ?? '10s'),
    isJson: values.json ?? false,
  };
}

function readArguments(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        server: text,
        'token-file': text,
        state: text,
        products: text,
        transport: text,
        interval: text,
        'force-interval': flag,
        arrival: text,
        'arrive-within': text,
        minutes: text,
        commands: text,
        lose: text,
        duplicate: text,
        reorder: text,
        delay: text,
        'clock-jump': text,
        silent: text,
        'restart-all-at': text,
        'restart-within': text,
        'spread-addresses': text,
        connections: text,
        seed: text,
        json: flag,
        'i-own-this-server': flag,
      },
    }).values;
  } catch (cause) {
    const message = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : '';
    throw new FleetError('FLEET_OPTION_INVALID', message, { cause });
  }
}

function invalid(option: string, what: string): FleetError {
  return new FleetError('FLEET_OPTION_INVALID', `${option} ${what}.`, { facts: { option } });
}

function parseNumber(option: string, text: string, min: number, max: number): number {
  const number = /^\d+(\.\d+)?$/u.test(text) ? Number(text) : Number.NaN;
  if (!(number >= min && number <= max)) throw invalid(option, `has to be a number from ${min} to ${max}`);
  return number;
}

function parseCount(option: string, text: string, min: number, max: number): number {
  const count = parseNumber(option, text, min, max);
  if (!Number.isInteger(count)) throw invalid(option, 'has to be a whole number');
  return count;
}

function parseShare(option: string, text: string): number {
  const share = Number(SHARE.exec(text)?.[1] ?? Number.NaN) / 100;
  if (!(share >= 0 && share <= 1)) throw invalid(option, 'has to be a share such as 1%');
  return share;
}

function parseTime(option: string, text: string): number {
  const found = TIME.exec(text);
  const timeMs = Number(found?.[1] ?? Number.NaN) * (UNIT_MS.get(found?.[2] ?? '') ?? Number.NaN);
  if (!Number.isFinite(timeMs)) throw invalid(option, 'has to be a time such as 500ms, 30s, 5m or 2h');
  return timeMs;
}

/** `0-500ms`: both ends in the unit of the second. */
function parseDelay(text: string): readonly [number, number] {
  const found = /^(\d+)-(\d+(?:ms|s))$/u.exec(text);
  const toMs = parseTime('--delay', found?.[2] ?? text);
  const fromMs = parseTime('--delay', `${found?.[1] ?? 'none'}${/[a-z]+$/u.exec(text)?.[0] ?? ''}`);
  if (fromMs > toMs) throw invalid('--delay', 'has to go from less to more, such as 0-500ms');
  return [fromMs, toMs];
}

function parseJump(text: string): readonly [number, number] {
  const [share = '', time = ''] = text.split(':');
  return [parseShare('--clock-jump', share), parseTime('--clock-jump', time)];
}

function parseChoice<Choice extends string>(
  option: string,
  text: string,
  choices: Readonly<Record<string, Choice>>,
): Choice {
  const choice = Object.values(choices).find((one) => one === text);
  if (choice === undefined) throw invalid(option, `has to be one of ${Object.values(choices).join(', ')}`);
  return choice;
}
