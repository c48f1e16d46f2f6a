import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, test } from 'node:test';
import * as api from '@holdfast/api';
import type { Command } from 'commander';
import { type ExitCode, ExitCode as ExitCodes } from './cli.errors.ts';
import type { CliContext } from './context.ts';
import { createProgram } from './program.ts';

// What a device, or somebody with an account, could put wherever a text may stand.
const HOSTILE = 'evil\u001b]0;owned\u0007\u001b[2J\u009b31m\r\u202egnirts\u200f\u0085';
const ID = '019aa000-0000-7000-8000-000000000001';
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

/** Commands that run a program of this computer instead of asking the server. */
const LOCAL = new Set([
  'components',
  'authority',
  'up',
  'server',
  'run',
  'agent',
  'connect',
  'disconnect',
  'backup',
  'restore',
  'completion',
]);
const LOCAL_ADMIN = new Set(['setup-link', 'recover']);

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** An answer of the given form in which every free text is hostile. */
function answerOf(schema: Schema, name = ''): unknown {
  if (schema === api.Uuid) return ID;
  if (schema === api.Instant) return '2026-11-22T08:00:00.000Z';
  // Pages end, and the one group is the top.
  if (name === 'nextCursor' || name === 'parentId') return null;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.anyOf !== undefined) return answerOf(schema.anyOf[0] ?? {}, name);
  switch (schema.type) {
    case 'string':
      return HOSTILE;
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return true;
    case 'array':
      return [answerOf(schema.items ?? {})];
    case 'object': {
      if (schema.properties === undefined) return { [HOSTILE]: 1 };
      const entries = Object.entries(schema.properties);
      return Object.fromEntries(entries.map(([key, value]) => [key, answerOf(value, key)]));
    }
    default:
      return null;
  }
}

const routes = (Object.values(api) as unknown[]).filter(
  (value): value is api.Route => typeof value === 'object' && value !== null && 'summary' in value,
);

function findRoute(method: string, target: string): api.Route {
  const path = target.split('?')[0] ?? '';
  const matches = routes.filter((route) => {
    const pattern = new RegExp(`^${route.path.replaceAll(/:[A-Za-z]+/g, '[^/]+')}$`);
    return route.method === method && pattern.test(path);
  });
  // A fixed path goes before one with a parameter.
  const [route] = matches.toSorted(
    (first, second) => first.path.split(':').length - second.path.split(':').length,
  );
  assert.ok(route !== undefined, `${method} ${path}`);
  return route;
}

let folder: string;
let authorityFile: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-cli-terminal-'));
  authorityFile = join(folder, 'authority.pem');
  await writeFile(authorityFile, 'none');
});
after(() => rm(folder, { recursive: true }));

async function run(args: readonly string[], isTTY: boolean): Promise<{ text: string; calls: number }> {
  const stdout = Object.assign(new PassThrough(), { isTTY });
  const stderr = Object.assign(new PassThrough(), { isTTY });
  let calls = 0;
  const context: CliContext = {
    environment: {
      XDG_CONFIG_HOME: folder,
      HOLDFAST_SERVER: 'https://localhost:1',
      HOLDFAST_API_KEY: 'hfk_none',
      HOLDFAST_AUTHORITY_FILE: authorityFile,
    },
    stdin: new PassThrough(),
    stdout,
    stderr,
    now: () => Date.parse('2026-11-22T09:00:00Z'),
    openTransport: () =>
      Object.assign(
        async ({ method, target }: api.ApiTransportRequest): Promise<api.ApiTransportResponse> => {
          calls += 1;
          const route = findRoute(method, target);
          const isEmpty = route.status === 204;
          return {
            status: route.status,
            contentType: isEmpty ? '' : 'application/json',
            text: isEmpty ? '' : JSON.stringify(answerOf(route.response as Schema)),
          };
        },
        { close: () => undefined },
      ),
  };
  const outcome: { exitCode: ExitCode } = { exitCode: ExitCodes.done };
  await createProgram(context, '1.2.3', outcome).parseAsync(['node', 'holdfast', ...args]);
  return { text: String(stdout.read() ?? '') + String(stderr.read() ?? ''), calls };
}

/** Every command that asks the server, with arguments that it takes. */
function listCalls(): string[][] {
  const walk = (command: Command, path: readonly string[]): string[][] => {
    if (command.commands.length > 0) {
      return command.commands
        .filter((child) => !(path.length === 0 && LOCAL.has(child.name())) && !LOCAL_ADMIN.has(child.name()))
        .flatMap((child) => walk(child, [...path, child.name()]));
    }
    const given = command.registeredArguments.filter((one) => one.required || one.variadic).map(() => ID);
    const options = command.options.flatMap((option) => {
      if (option.long === '--yes') return ['--yes'];
      // Some need one of several options, none of which is needed by itself.
      if (option.long === '--add' || option.long === '--description') return [option.long, 'x'];
      if (option.long === '--owner' && command.name() === 'set') return [option.long, 'x'];
      if (option.long === '--event') return [option.long, 'device.*'];
      if (option.long === '--stage') return [option.long, ID];
      if (option.long === '--never') return [option.long];
      if (!option.mandatory || option.long === undefined) return [];
      return option.long === '--permissions' ? ['--permissions', 'read'] : [option.long, ID];
    });
    return [[...path, ...given, ...options]];
  };
  const stdout = new PassThrough();
  const context: CliContext = { environment: {}, stdin: stdout, stdout, stderr: stdout, now: () => 0 };
  return walk(createProgram(context, '1.2.3', { exitCode: ExitCodes.done }), []);
}

// Streamed past the client, or with a token at the standard input: they have tests of their own.
const OTHERS = ['export', 'line', 'download'];
// `trust` refuses a fingerprint that is not the one that it was given.
const calls = listCalls().filter(
  ([, name = '', third]) => !OTHERS.includes(name) && !(name === 'sources' && third === 'trust'),
);

for (const extra of [[], ['--json']]) {
  test(`no command lets a name steer the terminal${extra.length === 0 ? '' : ', as JSON neither'}`, async () => {
    assert.ok(calls.length >= 25, String(calls.length));
    let showing = 0;
    for (const args of calls) {
      const { text, calls: asked } = await run([...args, ...extra], true);
      assert.ok(asked > 0, `${args.join(' ')} asked nothing`);
      assert.doesNotMatch(text, UNSAFE, args.join(' '));
      if (text.includes('evil')) showing += 1;
      if (extra.length > 0) assert.doesNotThrow(() => JSON.parse(text) as unknown, args.join(' '));
    }
    // Otherwise nothing hostile came through at all, and nothing was tested.
    assert.ok(showing >= 18, String(showing));
  });
}
