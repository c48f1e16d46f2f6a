import { type Clock, describeFailure, formatFailure, formatFailureJson, systemClock } from '@holdfast/kernel';
import { pino } from 'pino';
import { loadConfig, type ServerConfig } from '../config/config.ts';
import { lockHome, makeHome } from '../platform/home/home.ts';
import {
  openOwnAuthority,
  type OwnAuthorityKeeper,
  type TrustedAuthority,
} from '../platform/keys/authority-keeper.ts';
import { assertPlausibleClock, phaseOf } from '../platform/keys/authority-time.ts';
import type { KeyStoreOptions } from '../platform/keys/key-file.ts';
import { KeysError } from '../platform/keys/keys.errors.ts';
import { readAuthority } from '../platform/keys/key-store.ts';

const ExitCode = { Done: 0, Refused: 1, Usage: 2 } as const;
type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

const USAGE = `usage: holdfast authority show [--json]
       holdfast authority renew [--now] [--json]
`;

interface AuthorityReport {
  readonly phase: string;
  readonly current: TrustedAuthority;
  readonly next: TrustedAuthority | undefined;
}

/** Does what the arguments ask, prints it, and answers the exit code. */
export async function runAuthorityCommand(
  argv: readonly string[],
  environment: Parameters<typeof loadConfig>[0],
  clock: Clock = systemClock,
): Promise<ExitCode> {
  const isJson = argv.includes('--json');
  const isNow = argv.includes('--now');
  const words = argv.filter((word) => word !== '--json' && word !== '--now');
  const [command] = words;
  if (words.length !== 1 || !(command === 'renew' || (command === 'show' && !isNow))) {
    process.stderr.write(USAGE);
    return ExitCode.Usage;
  }
  try {
    const config = loadConfig(environment);
    const report = command === 'show' ? await show(config, clock) : await renew(config, clock, isNow);
    process.stdout.write(isJson ? `${JSON.stringify(toJson(report))}\n` : describe(report));
    return ExitCode.Done;
  } catch (error) {
    const failure = describeFailure(error);
    process.stderr.write(isJson ? formatFailureJson(failure) : formatFailure(failure));
    return ExitCode.Refused;
  }
}

async function show(config: ServerConfig, clock: Clock): Promise<AuthorityReport> {
  return reportOf(await open(config), clock);
}

/**
 * Makes the next authority; a server that runs finds it and lets devices learn it.
 *
 * @param isNow has it take over as well, which only a server that does not run can bear
 */
async function renew(config: ServerConfig, clock: Clock, isNow: boolean): Promise<AuthorityReport> {
  assertPlausibleClock(clock.now());
  if (!isNow) {
    const authorities = await open(config);
    await authorities.prepareNext(clock.now());
    return reportOf(authorities, clock);
  }
  const lock = await lockHome(await makeHome(config.home));
  try {
    const authorities = await open(config);
    await authorities.prepareNext(clock.now());
    await authorities.switchToNext();
    return reportOf(authorities, clock);
  } finally {
    await lock.release();
  }
}

async function open(config: ServerConfig): Promise<OwnAuthorityKeeper> {
  if (config.tls !== undefined) {
    throw new KeysError(
      'AUTHORITY_SUPPLIED',
      'This server uses an authority of the organisation (HOLDFAST_TLS_AUTHORITY).',
      { remedy: 'Look at that file, and have whoever runs the authority renew it.' },
    );
  }
  // Warnings of a file that others could read are for the server's log, which is not open here.
  const files: KeyStoreOptions = { folder: `${config.home}/keys`, log: pino({ level: 'silent' }) };
  return await openOwnAuthority(files, await readAuthority(files));
}

function reportOf({ current, next }: OwnAuthorityKeeper, clock: Clock): AuthorityReport {
  return { phase: phaseOf(current, clock.now()), current, next };
}

function toJson({ phase, current, next }: AuthorityReport): object {
  const one = ({ fingerprint, beginsAtMs, endsAtMs }: TrustedAuthority): object => ({
    fingerprint,
    beginsAt: toText(beginsAtMs),
    expiresAt: toText(endsAtMs),
  });
  return { phase, current: one(current), next: next === undefined ? null : one(next) };
}

const sentences: Readonly<Record<string, string>> = {
  good: 'Nothing has to be done.',
  'renewal-due': 'It is time for the next one; the running server makes it by itself.',
  'ends-soon':
    'It ends within a year. The running server renews it by itself; look at its log if there is no next one.',
  'ends-very-soon':
    'It ends within ninety days. The running server has the next one take over by itself; look at its log if it does not.',
  ended:
    'It has ended. If the clock is right: stop the server, run `holdfast authority renew --now`, and start it again.',
  'not-yet-valid':
    'It has not begun yet. If the clock is right: stop the server, run `holdfast authority renew --now`, and start it again.',
};

function describe({ phase, current, next }: AuthorityReport): string {
  const following =
    next === undefined
      ? 'Next          none\n'
      : `Next          ${next.fingerprint}\n              until ${toText(next.endsAtMs)}; devices learn it, and it takes over when all know it\n`;
  return `Authority     ${current.fingerprint}\n              from ${toText(current.beginsAtMs)} until ${toText(current.endsAtMs)}\n${following}${sentences[phase] ?? ''}\n`;
}

function toText(ms: number): string {
  return new Date(ms).toISOString();
}
