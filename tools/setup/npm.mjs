import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';

import { lastLines, runCommand } from './command.mjs';
import { SetupFault } from './fault.mjs';

function isNpmCli(path) {
  return path !== undefined && basename(path) === 'npm-cli.js' && existsSync(path);
}

/**
 * Finds npm's own JavaScript, so that npm can be run under a Node of our choice: the npm that started us, else
 * the one on the path, else the one beside the running Node.
 */
export function findNpmCli(env = process.env) {
  if (isNpmCli(env.npm_execpath)) return env.npm_execpath;
  for (const folder of (env.PATH ?? env.Path ?? '').split(delimiter)) {
    if (folder === '') continue;
    const candidates = [join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js')];
    const launcher = join(folder, 'npm');
    if (existsSync(launcher)) candidates.unshift(realpathSync(launcher));
    const found = candidates.find(isNpmCli);
    if (found !== undefined) return found;
  }
  const beside = dirname(realpathSync(process.execPath));
  const found = [
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    '/usr/share/nodejs/npm/bin/npm-cli.js',
  ].find(isNpmCli);
  if (found !== undefined) return found;
  throw new SetupFault('npm was not found.', {
    remedy: 'Install npm (on Debian: apt-get install npm) and make sure that it is on the PATH.',
  });
}

function isWritable(folder) {
  for (let path = folder; ; path = dirname(path)) {
    if (existsSync(path)) {
      try {
        accessSync(path, constants.W_OK);
        return statSync(path).isDirectory();
      } catch {
        // Not writable: that is the answer.
        return false;
      }
    }
    if (path === dirname(path)) return false;
  }
}

/**
 * The environment for an npm that works for us and not for the npm that started us: without what `npm start`
 * put in, and with a cache that can be written even where the user has no home.
 */
export function npmEnvironment(place, env = process.env) {
  const clean = {};
  const foreign = /^npm_(lifecycle_|package_|command$|execpath$|node_execpath$)/;
  const settings =
    /^npm_config_(local_prefix|global_prefix|prefix|global|workspaces?|include_workspace_root|engine_strict|ignore_scripts|dry_run|omit|include|production|only|package_lock|json|loglevel|silent)$/i;
  for (const [name, value] of Object.entries(env)) {
    if (!foreign.test(name) && !settings.test(name)) clean[name] = value;
  }
  delete clean.NODE_ENV;
  if (clean.npm_config_cache === undefined && !isWritable(join(homedir(), '.npm'))) {
    clean.npm_config_cache = join(place.runtime, 'npm-cache');
  }
  clean.npm_config_update_notifier = 'false';
  // Without a network, npm's own patience would let a newcomer wait for more than a minute.
  clean.npm_config_fetch_retry_mintimeout ??= '1000';
  clean.npm_config_fetch_retry_maxtimeout ??= '10000';
  return clean;
}

const CAUSES = [
  [
    /ENOSPC|no space left/i,
    'The disk is full.',
    'Free some space (set-up needs about 700 MB) and try again.',
  ],
  [
    /EINTEGRITY/,
    'A package does not match the checksum in package-lock.json.',
    'Do not go on. Clear npm’s cache (npm cache clean --force) and try again; if it comes back, the registry or a proxy on the way serves something else than what was reviewed.',
  ],
  [
    /SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY)|CERT_/,
    'The certificate of the package registry is not trusted.',
    'If your network inspects HTTPS, tell npm about its certificate authority (npm config set cafile …) and try again.',
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|network/i,
    'The package registry cannot be reached.',
    'Check the network, and npm’s proxy and registry settings (npm config list), and try again.',
  ],
  [
    /E404|ETARGET|404 Not Found/,
    'The package registry does not have what was asked for.',
    'Check npm’s registry setting (npm config get registry).',
  ],
  [
    /E401|E403/,
    'The package registry refused access.',
    'Check npm’s registry and sign-in settings (npm config list).',
  ],
  [
    /EACCES|EPERM/,
    'Permission is missing.',
    'Run the command as the user who owns the clone, or make a clone of your own.',
  ],
];

/** npm's own words without stack traces and advice. */
function summarise(output) {
  const lines = output.split('\n').filter((line) => !/^npm (error|ERR!)\s+(at |[a-z]+: |[{}]|$)/.test(line));
  return lastLines(lines.slice(0, 12).join('\n'));
}

/** Why npm failed, in one sentence, with a remedy. */
export function explainNpmFailure(args, { output, code, signal }) {
  const [, sentence, remedy] = CAUSES.find(([pattern]) => pattern.test(output)) ?? [
    undefined,
    signal === null ? `npm ended with exit code ${code}.` : `npm was ended by ${signal}.`,
    undefined,
  ];
  return new SetupFault(`The command "npm ${args.join(' ')}" failed. ${sentence}`, {
    remedy,
    details: summarise(output),
  });
}

/**
 * Where the global settings of the user's own npm are (certificates and registries of an organisation stand
 * there). npm looks for them beside the Node that runs it, so under our runtime it would not find them.
 */
async function findGlobalSettings(place, cli, env) {
  if (env.npm_config_globalconfig !== undefined) return env.npm_config_globalconfig;
  const beside = join(dirname(cli), '..', '..', '..', '..', 'etc', 'npmrc');
  if (process.execPath.startsWith(place.runtime)) return existsSync(beside) ? beside : undefined;
  const args = [cli, 'config', 'get', 'globalconfig', '--loglevel=silent'];
  const asked = await runCommand(process.execPath, args, { cwd: place.runtime, env });
  const path = asked.standardOutput.trim();
  return asked.code === 0 && path !== '' ? path : undefined;
}

/** Runs npm under the given Node and returns what it printed. Throws a {@link SetupFault} when it fails. */
export async function runNpm(place, node, args, cwd) {
  const cli = findNpmCli();
  const env = npmEnvironment(place);
  const globalSettings = await findGlobalSettings(place, cli, env);
  if (globalSettings !== undefined) env.npm_config_globalconfig = globalSettings;
  const result = await runCommand(node, [cli, ...args], { cwd, env });
  if (result.code !== 0) throw explainNpmFailure(args, result);
  return result.standardOutput;
}
