import { homedir, userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { AppError, type AppErrorOptions } from '@holdfast/kernel';
import { type LogLevel, logLevels } from './platform/log.ts';

export interface AgentConfig {
  /** Absolute path of the state folder. */
  readonly home: string;
  readonly logLevel: LogLevel;
  /**
   * State folder of the agent that `holdfast up` runs on this computer, if it runs one; `undefined` when the person named a home,
   * because that one is meant then.
   */
  readonly homeOfServer: string | undefined;
  /** How the person called this program, e.g. `holdfast agent`; for texts that say what to run next. */
  readonly calledAs: string | undefined;
  /** File that holds an enrolment token, for `enroll`. */
  readonly tokenFile: string | undefined;
  /** systemd says so to everything that it starts: https://www.freedesktop.org/software/systemd/man/systemd.exec.html */
  readonly isUnderSystemd: boolean;
  /** False: the agent opens no port, whatever the server asks for. */
  readonly mayListen: boolean;
  /**
   * Which release of the agent's program this process is, 0 for the installed one, as the program that started it says, which goes
   * back when a new one does not run. `undefined` where something else started it.
   */
  readonly programRelease: number | undefined;
}

export class ConfigError extends AppError<'CONFIG_INVALID'> {
  constructor(faults: readonly string[], options: AppErrorOptions = {}) {
    super('CONFIG_INVALID', `The settings are wrong: ${faults.join(' ')}`, options);
  }
}

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isRoot: boolean;
  readonly homeFolder: string;
}

/** What this process runs with. */
export function readConfigSources(): ConfigSources {
  return { env: process.env, isRoot: userInfo().uid === 0, homeFolder: homedir() };
}

/**
 * Reads the settings, naming all faults at once.
 *
 * @throws ConfigError CONFIG_INVALID
 */
export function loadConfig({ env, isRoot, homeFolder }: ConfigSources): AgentConfig {
  const faults: string[] = [];
  const given = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);

  const level = given('HOLDFAST_AGENT_LOG_LEVEL') ?? 'info';
  const logLevel = logLevels.find((known) => known === level);
  if (logLevel === undefined) faults.push(`HOLDFAST_AGENT_LOG_LEVEL must be one of ${logLevels.join(', ')}.`);

  const listener = given('HOLDFAST_AGENT_LISTENER') ?? 'on';
  if (listener !== 'on' && listener !== 'off') faults.push('HOLDFAST_AGENT_LISTENER must be on or off.');

  const stateHome = given('XDG_STATE_HOME');
  // XDG Base Directory Specification: a relative path is invalid and ignored.
  const userState =
    stateHome !== undefined && isAbsolute(stateHome) ? stateHome : join(homeFolder, '.local/state');
  const ownHome = given('HOLDFAST_AGENT_HOME');
  // A home of Holdfast is that of server and agent: two homes are two of each on one computer.
  const commonHome = given('HOLDFAST_HOME');
  const home =
    ownHome ??
    (commonHome === undefined
      ? isRoot
        ? '/var/lib/holdfast-agent'
        : join(userState, 'holdfast-agent')
      : join(commonHome, 'agent'));
  const serverHome = isRoot ? '/var/lib/holdfast' : join(userState, 'holdfast');
  const calledAs = given('HOLDFAST_CALLED_AS');
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze({
    home: resolve(home),
    logLevel: logLevel ?? 'info',
    homeOfServer:
      ownHome === undefined && commonHome === undefined ? resolve(serverHome, 'agent') : undefined,
    // The installed agent is called by its own name, the command line by another.
    calledAs: given('HOLDFAST_AGENT_CALLED_AS') ?? (calledAs === undefined ? undefined : `${calledAs} agent`),
    tokenFile: given('HOLDFAST_AGENT_TOKEN_FILE'),
    isUnderSystemd: given('INVOCATION_ID') !== undefined,
    mayListen: listener === 'on',
    programRelease: parseRelease(given('HOLDFAST_AGENT_RELEASE')),
  });
}

function parseRelease(text: string | undefined): number | undefined {
  return text !== undefined && /^(?:0|[1-9]\d{0,14})$/u.test(text) ? Number(text) : undefined;
}
