import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import { CliError, ExitCode } from '../cli.errors.ts';
import type { CliContext } from '../context.ts';
import { askLine, readSecret } from './prompt.ts';

const DEADLINE = { timeout: 5_000 };

function createContext(stdin: CliContext['stdin']): CliContext & { readonly stderr: PassThrough } {
  const stderr = Object.assign(new PassThrough(), { isTTY: true });
  return { environment: {}, stdin, stdout: new PassThrough(), stderr, now: () => 0 };
}

function pipe(...texts: readonly string[]): Readable {
  return Readable.from(texts.map((text) => Buffer.from(text)));
}

/** What a terminal in raw mode is to readline. */
function createTerminal() {
  return Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
}

function isMissing(error: unknown): boolean {
  return error instanceof CliError && error.code === 'INPUT_MISSING' && error.exitCode === ExitCode.usage;
}

test('without a terminal the first line is read, also where no line end follows it', DEADLINE, async () => {
  for (const texts of [['hfk_é\n'], ['hfk_é'], ['hf', 'k_é'], ['hfk_é\r\nmore\n']]) {
    assert.equal(await readSecret(createContext(pipe(...texts)), 'API key: '), 'hfk_é', texts.join('|'));
    assert.equal(await askLine(createContext(pipe(...texts)), 'Who? '), 'hfk_é', texts.join('|'));
  }
});

test('a pipe that stays open is not waited for', DEADLINE, async () => {
  const module = JSON.stringify(new URL('prompt.ts', import.meta.url).href);
  const program = `const { readSecret } = await import(${module});
    console.log(await readSecret(process, ''), await readSecret(process, ''));`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program]);
  child.stdin.write('yes\nhfk_x\n');
  try {
    const [exit, text] = await Promise.all([once(child, 'exit'), child.stdout.toArray()]);
    assert.equal(exit[0], 0);
    assert.equal(text.join(''), 'yes hfk_x\n');
  } finally {
    child.stdin.destroy();
    child.kill();
  }
});

test('what follows the first line answers the next question', DEADLINE, async () => {
  const stdin = new PassThrough();
  stdin.end('yes\nhfk_x');
  const context = createContext(stdin);
  assert.equal(await askLine(context, ''), 'yes');
  assert.equal(await readSecret(context, ''), 'hfk_x');
});

test(
  'an input that has nothing is refused with a way out, and one without bounds too',
  DEADLINE,
  async () => {
    for (const text of ['', '\n', '  ']) {
      await assert.rejects(readSecret(createContext(pipe(text)), ''), (error) => {
        assert.ok(isMissing(error));
        return error instanceof CliError && error.remedy !== undefined;
      });
    }
    await assert.rejects(readSecret(createContext(pipe('x'.repeat(100_000))), ''), {
      code: 'ARGUMENT_INVALID',
    });
  },
);

test('Ctrl-C, Ctrl-D and the end of the terminal end a question with a plain refusal', DEADLINE, async () => {
  for (const ask of [askLine, readSecret]) {
    for (const key of ['\u0003', '\u0004', undefined]) {
      const stdin = createTerminal();
      const context = createContext(stdin);
      const asked = ask(context, 'Who? ');
      if (key === undefined) stdin.end();
      else stdin.write(key);
      await assert.rejects(asked, isMissing, `${ask.name} ${JSON.stringify(key)}`);
      assert.match(String(context.stderr.read()), /\n$/u, 'the next line begins at its begin');
    }
  }
});

test('at a terminal the line is the answer, and a secret is not shown', DEADLINE, async () => {
  for (const ask of [askLine, readSecret]) {
    const stdin = createTerminal();
    const context = createContext(stdin);
    const asked = ask(context, 'Who? ');
    stdin.write(' me \r');
    assert.equal(await asked, 'me');
    const shown = String(context.stderr.read());
    assert.match(shown, /Who\? /u);
    assert.equal(shown.includes('me'), ask === askLine);
  }
});
