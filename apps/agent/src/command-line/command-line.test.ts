import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { loadConfig } from '../config.ts';
import { createTemporaryFolder } from '../platform/test-folder.ts';
import { runInProcess } from '../testing/program-in-process.ts';
import { agentVersion } from '../version.ts';
import { openStateDatabase } from '../platform/state-database.ts';
import { parseArguments } from './arguments.ts';
import { describeNextStep } from './next-step.ts';
import { readEnrolmentToken } from './enrolment-token-input.ts';
import { stateVersion } from '../state-version.ts';

test('arguments are read, and everything that is not understood is refused', () => {
  assert.deepEqual(parseArguments(['enroll', '--force', 'hf1.x', '--no-wait', '--json']), {
    name: 'enroll',
    token: 'hf1.x',
    isForced: true,
    waitsForApproval: false,
    keepsToken: false,
    isJson: true,
  });
  assert.deepEqual(parseArguments(['install', '--dry-run']), {
    name: 'install',
    isDryRun: true,
    isJson: false,
    prefix: undefined,
    withService: true,
  });
  assert.deepEqual(parseArguments([]), { name: 'help' });
  assert.deepEqual(parseArguments(['status', '-h']), { name: 'help' });
  const wrong = [
    ['fly'],
    ['run', '--json'],
    ['status', 'x'],
    ['enroll', 'a', 'b'],
    ['enroll', '--token=x'],
    ['-x'],
  ];
  for (const args of wrong) assert.throws(() => parseArguments(args), { code: 'USAGE' }, args.join(' '));
});

test('wrong usage never repeats what was typed, which may be a token', async (t) => {
  const home = createTemporaryFolder(t);
  for (const args of [['hf1.secret'], ['enroll', '--hf1.secret'], ['enroll', 'x', 'hf1.secret']]) {
    const { code, stdout, stderr } = await runInProcess([...args, '--json'], { home });
    assert.equal(code, 2);
    assert.ok(!`${stdout}${stderr}`.includes('secret'), stderr);
    assert.match(stderr, /--help/u);
  }
});

test('at a terminal the token is asked for, and nothing at all is refused', async () => {
  const asked: string[] = [];
  const read = (answer: string) =>
    readEnrolmentToken({
      argument: '-',
      tokenFile: undefined,
      standardInput: Readable.from([]),
      askSecret: async (question) => {
        asked.push(question);
        return answer;
      },
    });
  assert.equal(await read(' token '), 'token');
  assert.deepEqual(asked, ['Enrolment token: ']);
  await assert.rejects(read('  '), { code: 'USAGE' });
});

test('the token comes from the argument, the first line of the input, or the file', async (t) => {
  const read = (argument: string | undefined, input = '', tokenFile?: string) =>
    readEnrolmentToken({ argument, tokenFile, standardInput: Readable.from([input]) });
  assert.equal(await read('token'), 'token');
  assert.equal(await read('-', '\n  token\nmore'), 'token');
  assert.equal(await read('-', 'token'), 'token');
  assert.equal(await read('-', 'token \r\nmore'), 'token');
  await assert.rejects(read('-', '  \n'), { code: 'USAGE' });
  await assert.rejects(read('-', 'x'.repeat(10_000)), { code: 'USAGE' });
  await assert.rejects(read(undefined), { code: 'USAGE' });
  await assert.rejects(read(undefined, '', join(createTemporaryFolder(t), 'none')), { code: 'USAGE' });
});

test('settings have their defaults, and all faults are named at once', () => {
  const load = (env: Readonly<Record<string, string>>, isRoot = false) =>
    loadConfig({ env, isRoot, homeFolder: '/home/a' });
  assert.equal(load({}, true).home, '/var/lib/holdfast-agent');
  assert.equal(load({}).home, '/home/a/.local/state/holdfast-agent');
  assert.equal(load({ XDG_STATE_HOME: '/state' }).home, '/state/holdfast-agent');
  assert.equal(load({ XDG_STATE_HOME: 'relative' }).home, '/home/a/.local/state/holdfast-agent');
  assert.equal(load({ HOLDFAST_AGENT_HOME: '/x', XDG_STATE_HOME: '/state' }, true).home, '/x');
  assert.equal(load({ HOLDFAST_HOME: '/h', XDG_STATE_HOME: '/state' }, true).home, '/h/agent');
  assert.equal(load({ HOLDFAST_HOME: '/h', HOLDFAST_AGENT_HOME: '/x' }).home, '/x');
  assert.throws(() => load({ HOLDFAST_AGENT_LOG_LEVEL: 'loud' }), { code: 'CONFIG_INVALID' });
  assert.equal(load({}).mayListen, true);
  assert.equal(load({ HOLDFAST_AGENT_LISTENER: 'off' }).mayListen, false);
  assert.throws(() => load({ HOLDFAST_AGENT_LISTENER: 'no' }), { code: 'CONFIG_INVALID' });
});

test('version, help, status, check and inventory answer without an enrolment and make nothing', async (t) => {
  const home = join(createTemporaryFolder(t), 'none');
  assert.equal((await runInProcess(['version'], { home })).stdout, `${agentVersion}\n`);
  assert.match((await runInProcess(['--help'], { home })).stdout, /Exit codes/u);
  const status = await runInProcess(['status'], { home });
  assert.equal(status.code, 0);
  assert.match(status.stdout, /Enrolled: +no/u);
  assert.match(
    status.stdout,
    /^Problem: +This computer .*\(NOT_ENROLLED\)\nTo do: +Create an enrolment token/mu,
  );
  const { problem, isRunning } = JSON.parse((await runInProcess(['status', '--json'], { home })).stdout) as {
    readonly problem: { readonly code: string; readonly remedy: string };
    readonly isRunning: boolean;
  };
  assert.deepEqual([problem.code, isRunning], ['NOT_ENROLLED', false]);
  assert.match(problem.remedy, /holdfast agent enroll/u);
  const check = await runInProcess(['check'], { home });
  assert.match(check.stderr, /NOT_ENROLLED/u);
  await runInProcess(['install', '--dry-run'], { home });
  const inventory = await runInProcess(['inventory', '--json'], { home });
  assert.ok('system' in (JSON.parse(inventory.stdout) as object));
  assert.throws(() => readFileSync(home), { code: 'ENOENT' });
});

test('the version is that of the package', () => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  assert.equal((JSON.parse(text) as { version: string }).version, agentVersion);
});

test('status without a named folder shows the agent of the server when it is the only one, and mentions it else', async (t) => {
  const home = createTemporaryFolder(t);
  const use = (folder: string): void => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    openStateDatabase(join(folder, 'state.sqlite'), stateVersion).close();
  };
  const ask = async (env: Readonly<Record<string, string>> = {}) =>
    await runInProcess(['status'], { home, isHomeNamed: false, env });
  const nothing = await ask();
  assert.match(nothing.stdout, /State folder: +\S+\/holdfast-agent\n/u);
  assert.equal(nothing.stderr, '');
  use(join(home, '.local/state/holdfast/agent'));
  const found = await ask();
  assert.ok(found.stdout.includes(join(home, '.local/state/holdfast/agent')), found.stdout);
  assert.match(found.stderr, /holdfast up/u);
  const elsewhere = await ask({ HOLDFAST_HOME: join(home, 'elsewhere') });
  assert.ok(elsewhere.stdout.includes(join(home, 'elsewhere/agent')), elsewhere.stdout);
  assert.equal(elsewhere.stderr, '', 'who names a home means it');
  use(join(home, '.local/state/holdfast-agent'));
  const both = await ask();
  assert.match(both.stdout, /State folder: +\S+\/holdfast-agent\n/u);
  assert.ok(both.stderr.includes(`HOLDFAST_AGENT_HOME=${join(home, '.local/state/holdfast/agent')}`));
  const named = await ask({ HOLDFAST_AGENT_HOME: join(home, 'named') });
  assert.equal(named.stderr, '', 'who names a folder means it');
  assert.ok(named.stdout.includes(join(home, 'named')));
});

test('check looks at the same agent as status does', async (t) => {
  const home = createTemporaryFolder(t);
  const ask = async () => await runInProcess(['check'], { home, isHomeNamed: false });
  const nothing = await ask();
  assert.equal(nothing.code, 1);
  assert.match(nothing.stderr, /NOT_ENROLLED/u);
  const ofServer = join(home, '.local/state/holdfast/agent');
  const own = join(home, '.local/state/holdfast-agent');
  for (const [folder, note] of [
    [ofServer, /There is no other one here/u],
    [own, /HOLDFAST_AGENT_HOME=\S+holdfast\/agent$/mu],
  ] as const) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    openStateDatabase(join(folder, 'state.sqlite'), stateVersion).close();
    const found = await ask();
    assert.match(found.stdout, /^database +ok/mu, found.stderr);
    assert.match(found.stderr, note);
  }
});

test('after an enrolment the next step is said in the words of the person', () => {
  const facts = { calledAs: 'node bin/holdfast.mjs agent', isRoot: true, isSystemdRunning: true };
  assert.match(describeNextStep(facts), /: node bin\/holdfast\.mjs agent install\n$/u);
  for (const other of [{ isRoot: false }, { isSystemdRunning: false }])
    assert.match(describeNextStep({ ...facts, ...other }), /: node bin\/holdfast\.mjs agent run\n$/u);
  const config = loadConfig({
    env: { HOLDFAST_CALLED_AS: 'holdfast' },
    isRoot: false,
    homeFolder: '/home/a',
  });
  assert.equal(config.calledAs, 'holdfast agent');
});
