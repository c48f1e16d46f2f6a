import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CommanderError, type Command } from 'commander';
import { CliError, ExitCode } from './cli.errors.ts';
import { completionScript, completionWords } from './commands/completion.ts';
import type { CliContext } from './context.ts';
import type { ProgramOutcome } from './command-tools.ts';
import { createProgram } from './program.ts';

function createContext(
  environment: Record<string, string> = {},
): CliContext & { readonly output: () => string } {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  return {
    environment,
    stdin: new PassThrough(),
    stdout,
    stderr,
    now: () => 0,
    output: () => String(stdout.read() ?? ''),
  };
}

async function run(context: CliContext, ...args: string[]): Promise<ProgramOutcome> {
  const outcome: ProgramOutcome = { exitCode: ExitCode.done };
  await createProgram(context, '1.2.3', outcome).parseAsync(['node', 'holdfast', ...args]);
  return outcome;
}

function commandsOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(commandsOf)];
}

test('every command says what it does', () => {
  const program = createProgram(createContext(), '1.2.3', { exitCode: ExitCode.done });
  const commands = commandsOf(program);
  assert.ok(commands.length > 30);
  for (const command of commands) assert.notEqual(command.description(), '', command.name());
});

test('an unknown command, a missing argument and an unknown option are usage errors at every level', async () => {
  for (const args of [
    ['nonsense'],
    ['tokens', 'nonsense'],
    ['tokens', 'create'],
    ['directory', 'devices', '--nonsense'],
    ['completion', 'tcsh'],
  ]) {
    await assert.rejects(
      run(createContext(), ...args),
      (error) => error instanceof CommanderError && error.exitCode !== 0,
      args.join(' '),
    );
  }
});

test('without a server, a command says how to connect', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-cli-'));
  t.after(() => rm(folder, { recursive: true }));
  await assert.rejects(
    run(createContext({ XDG_CONFIG_HOME: folder }), 'tokens', 'list'),
    (error) =>
      error instanceof CliError &&
      error.code === 'NOT_CONNECTED' &&
      error.remedy?.includes('holdfast connect') === true,
  );
});

test('an address that is not an https origin is refused before anything is sent', async () => {
  for (const server of [
    'localhost:8443',
    'http://localhost',
    'https://user:secret@host',
    'https://host/path',
  ]) {
    await assert.rejects(
      run(createContext(), 'connect', server),
      (error) => error instanceof CliError && error.code === 'ARGUMENT_INVALID',
      server,
    );
  }
});

test('the completion scripts know every command', () => {
  const program = createProgram(createContext(), '1.2.3', { exitCode: ExitCode.done });
  assert.ok(completionWords(program).get('tokens')?.includes('create'));
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    const script = completionScript(shell, program);
    for (const name of ['up', 'directory', 'create-group', 'setup-link'])
      assert.ok(script.includes(name), `${shell} ${name}`);
  }
});

test('bash offers commands, types of commands, their parameters and values', async () => {
  const script = completionScript(
    'bash',
    createProgram(createContext(), '1.2.3', { exitCode: ExitCode.done }),
  );
  const offer = async (line: string): Promise<readonly string[]> => {
    // As bash itself cuts a line: at "=", too.
    const words = line.split(/(?==)|(?<==)|\s+/u);
    const run = `${script}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
COMP_LINE='${line}'; COMP_POINT=${line.length}; _holdfast; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await promisify(execFile)('bash', ['-c', run]);
    return stdout.split('\n').filter((word) => word !== '');
  };
  assert.deepEqual(await offer('holdfast dir'), ['directory']);
  assert.deepEqual(await offer('holdfast commands issue restart'), ['restart-agent', 'restart-computer']);
  assert.deepEqual(await offer('holdfast commands types shut'), ['shut-down-computer']);
  assert.deepEqual(await offer('holdfast commands issue set-log-level desk-7 --ur'), ['--urgent']);
  assert.deepEqual(await offer('holdfast commands issue set-log-level --set for'), ['forMinutes=']);
  assert.deepEqual(await offer('holdfast commands issue set-log-level --set level=d'), ['debug']);
  assert.deepEqual(await offer('holdfast commands issue collect-inventory --set x'), []);
});

test('the help of the agent is that of the agent itself', async () => {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  for (const args of [['--help'], ['status', '-h']]) {
    const { stdout } = await promisify(execFile)(process.execPath, [main, 'agent', ...args]);
    for (const name of ['enroll', 'install', 'status']) assert.match(stdout, new RegExp(`^  ${name} `, 'mu'));
  }
});
