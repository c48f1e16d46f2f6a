import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createTemporaryFolder } from '../../platform/test-folder.ts';
import { type InstallationOptions, installService, uninstallService } from './service-installation.ts';
import { planServicePlaces } from './service-plan.ts';
import { formatStartProgram } from './start-program.ts';
import { formatSystemdUnit } from './systemd-unit.ts';

interface Bench {
  readonly options: InstallationOptions;
  readonly calls: string[];
}

function setUp(t: TestContext): Bench {
  const root = createTemporaryFolder(t);
  const calls: string[] = [];
  const runtimePath = join(root, 'node-of-clone');
  const programPath = join(root, 'agent-of-clone.mjs');
  writeFileSync(runtimePath, 'runtime');
  writeFileSync(programPath, 'program');
  return {
    calls,
    options: {
      places: planServicePlaces(root),
      isRoot: true,
      isSystemdRunning: true,
      canRun: true,
      withService: true,
      home: join(root, 'state'),
      runtimePath,
      programPath,
      run: (file, args) => {
        calls.push([file, ...args].join(' '));
        return Promise.resolve('');
      },
    },
  };
}

test('the unit runs the copied program, restarts it, bounds it and lets it write to its state alone', () => {
  const unit = formatSystemdUnit({
    startProgramPath: '/opt/holdfast-agent/holdfast-agent',
    home: '/var/lib/holdfast-agent',
  });
  const lines = unit.split('\n');
  const wanted = [
    'ExecStart=/opt/holdfast-agent/holdfast-agent run',
    'ExecStopPost=-/opt/holdfast-agent/holdfast-agent goodbye',
    'Restart=always',
    'RestartPreventExitStatus=78',
    'MemoryMax=256M',
    'NoNewPrivileges=yes',
    'ProtectSystem=strict',
    'ReadWritePaths=/var/lib/holdfast-agent',
    'CapabilityBoundingSet=CAP_SETUID CAP_SETGID',
    'SupplementaryGroups=tty',
    'WantedBy=multi-user.target',
  ];
  for (const line of wanted) assert.ok(lines.includes(line), line);
  assert.deepEqual(
    lines.filter((line) => line.startsWith('ReadWritePaths=')),
    ['ReadWritePaths=/var/lib/holdfast-agent'],
  );
});

test('a path that would mean something else in a unit is refused', () => {
  for (const home of ['/a b', '/a%n', '/a$HOME', 'relative', '/a"b', '/a\nExecStartPre=/bin/x', '/a/../b']) {
    const format = () => formatSystemdUnit({ startProgramPath: '/holdfast-agent', home });
    assert.throws(format, { code: 'SERVICE_PATH_UNUSABLE' }, home);
  }
});

test('an installation copies, writes, enables and starts, and may be repeated', async (t) => {
  const { options, calls } = setUp(t);
  await installService(options);
  await installService(options);
  const { runtimePath, programPath, unitPath } = options.places;
  assert.equal(readFileSync(runtimePath, 'utf8'), 'runtime');
  assert.equal(statSync(runtimePath).mode & 0o111, 0o111);
  assert.equal(readFileSync(programPath, 'utf8'), 'program');
  assert.match(readFileSync(unitPath, 'utf8'), /^\[Unit\]/u);
  const once = ['daemon-reload', 'enable holdfast-agent.service', 'restart holdfast-agent.service'];
  assert.deepEqual(
    calls,
    [...once, ...once].map((call) => `systemctl ${call}`),
  );
});

test('what is installed runs from then on, and no program that came as an update before', async (t) => {
  const { options } = setUp(t);
  const programs = join(options.home, 'programs');
  const update = () => {
    mkdirSync(join(programs, '7'), { recursive: true });
    writeFileSync(join(programs, 'current'), '7\n');
  };
  update();
  await installService(options);
  assert.ok(!existsSync(programs));
  update();
  await uninstallService({ ...options, runningProcessId: undefined, forgetToken: () => undefined });
  assert.ok(!existsSync(programs));
});

test('the service of an earlier agent, which named the runtime, is removed with it', async (t) => {
  const { options, calls } = setUp(t);
  await installService(options);
  const { unitPath, runtimePath, programPath } = options.places;
  writeFileSync(unitPath, `[Service]\nExecStart=${runtimePath} --jitless ${programPath} run\n`);
  calls.length = 0;
  await uninstallService({ ...options, runningProcessId: undefined, forgetToken: () => undefined });
  assert.deepEqual(calls[0], 'systemctl disable --now holdfast-agent.service');
});

test('a removal stops the service and takes away what the installation brought', async (t) => {
  const { options, calls } = setUp(t);
  await installService(options);
  calls.length = 0;
  assert.equal(
    await uninstallService({ ...options, runningProcessId: undefined, forgetToken: () => undefined }),
    'removed',
  );
  assert.deepEqual(calls, ['systemctl disable --now holdfast-agent.service', 'systemctl daemon-reload']);
  assert.ok(!existsSync(options.places.unitPath) && !existsSync(options.places.folder));
  assert.equal(
    await uninstallService({ ...options, runningProcessId: undefined, forgetToken: () => undefined }),
    'not-installed',
  );
});

test('without root, systemd, a bundle or an enrolment nothing is done', async (t) => {
  const { options, calls } = setUp(t);
  const cases: readonly [Partial<InstallationOptions>, string][] = [
    [{ isRoot: false }, 'SERVICE_NEEDS_ROOT'],
    [{ isSystemdRunning: false }, 'SERVICE_NEEDS_SYSTEMD'],
    [{ programPath: '/clone/apps/agent/src/main.ts' }, 'SERVICE_NEEDS_RELEASE'],
    [{ canRun: false }, 'SERVICE_NEEDS_ENROLMENT'],
    [{ home: '/with blank' }, 'SERVICE_PATH_UNUSABLE'],
  ];
  for (const [change, code] of cases) {
    await assert.rejects(installService({ ...options, ...change }), { code });
  }
  assert.deepEqual(calls, []);
  assert.ok(!existsSync(options.places.folder));
});

test('a systemctl that fails is told with where to look', async (t) => {
  const { options } = setUp(t);
  const failing = { ...options, run: () => Promise.resolve(undefined) };
  await assert.rejects(installService(failing), { code: 'SERVICE_TOOL_FAILED' });
});

test('the files alone need neither root nor systemd, and go away again without touching what lies beside them', async (t) => {
  const { options, calls } = setUp(t);
  const bare = { ...options, isRoot: false, isSystemdRunning: false, withService: false };
  await installService(bare);
  await installService(bare);
  assert.deepEqual(calls, []);
  assert.ok(!existsSync(options.places.unitPath));
  writeFileSync(join(options.places.folder, 'notes'), 'of somebody');
  await assert.rejects(uninstallService({ ...bare, runningProcessId: 42, forgetToken: () => undefined }), {
    code: 'AGENT_RUNS',
  });
  assert.equal(
    await uninstallService({ ...bare, runningProcessId: undefined, forgetToken: () => undefined }),
    'removed',
  );
  assert.deepEqual(readdirSync(options.places.folder), ['notes']);
});

test('a service is not removed without root, and a chosen folder is used', async (t) => {
  const { options } = setUp(t);
  const root = createTemporaryFolder(t);
  const places = planServicePlaces(root, join(root, 'srv/agent'));
  await installService({ ...options, places });
  assert.match(readFileSync(places.unitPath, 'utf8'), /^ExecStart=\S*\/srv\/agent\/holdfast-agent run$/mu);
  const without = {
    ...options,
    places,
    isRoot: false,
    runningProcessId: undefined,
    forgetToken: () => undefined,
  };
  await assert.rejects(uninstallService(without), { code: 'SERVICE_NEEDS_ROOT' });
  assert.ok(existsSync(places.runtimePath));
});

test('an agent that is installed from its own place stays whole', async (t) => {
  const { options } = setUp(t);
  await installService(options);
  const { runtimePath, programPath } = options.places;
  await installService({ ...options, runtimePath, programPath });
  assert.equal(readFileSync(runtimePath, 'utf8'), 'runtime');
});

test('the start program hands on every argument as it is, and the state folder unless another is named', (t) => {
  const root = createTemporaryFolder(t);
  const folder = join(root, 'opt');
  mkdirSync(folder);
  const startProgramPath = join(folder, 'holdfast-agent');
  const runtimePath = join(folder, 'node');
  writeFileSync(runtimePath, '#!/bin/sh\nprintf "%s|" "$HOLDFAST_AGENT_HOME" "$@"\n', { mode: 0o755 });
  const program = formatStartProgram({
    runtimePath,
    programPath: '/agent.mjs',
    startProgramPath,
    home: '/state',
  });
  writeFileSync(startProgramPath, program, { mode: 0o755 });
  const run = (env: NodeJS.ProcessEnv) =>
    spawnSync(startProgramPath, ['enroll', 'a b', '$HOME'], {
      env: { PATH: process.env['PATH'], ...env },
      encoding: 'utf8',
    }).stdout;
  assert.match(run({}), /^\/state\|.*\|\/agent\.mjs\|enroll\|a b\|\$HOME\|$/u);
  assert.match(run({ HOLDFAST_AGENT_HOME: '/other' }), /^\/other\|/u);
  const unusable = { runtimePath, programPath: '/agent.mjs', startProgramPath, home: '/a; rm' };
  assert.throws(() => formatStartProgram(unusable), { code: 'SERVICE_PATH_UNUSABLE' });
});

test('as root, a folder in which others can exchange the agent is refused, and without root it is the own risk', async (t) => {
  const { options, calls } = setUp(t);
  const root = createTemporaryFolder(t);
  const open = join(root, 'open');
  mkdirSync(join(open, 'agent'), { recursive: true });
  symlinkSync(join(open, 'agent'), join(root, 'link'));
  symlinkSync(join(root, 'nowhere'), join(root, 'dangling'));
  const prefixes = [open, join(open, 'agent'), join(open, 'new/agent'), join(root, 'link/agent')];
  const installAt = async (prefix: string, more: Partial<InstallationOptions> = {}) =>
    await installService({ ...options, places: planServicePlaces(root, prefix), ...more });
  for (const mode of [0o777, 0o775]) {
    chmodSync(open, mode);
    for (const prefix of prefixes)
      for (const withService of [true, false])
        await assert.rejects(installAt(prefix, { withService }), { code: 'SERVICE_FOLDER_UNSAFE' }, prefix);
  }
  symlinkSync(join(root, 'circle'), join(root, 'circle'));
  for (const link of ['dangling', 'circle'])
    await assert.rejects(installAt(join(root, link, 'agent')), { code: 'SERVICE_FOLDER_UNSAFE' }, link);
  assert.deepEqual([readdirSync(open), readdirSync(join(open, 'agent')), calls], [['agent'], [], []]);
  await installAt(join(open, 'agent'), { isRoot: false, withService: false });
  chmodSync(open, 0o1777);
  await installAt(join(open, 'other/agent'));
});

test('as root, a folder in the home of somebody is refused', {
  skip: process.getuid?.() !== 0,
}, async (t) => {
  const { options } = setUp(t);
  const root = createTemporaryFolder(t);
  const home = join(root, 'home');
  mkdirSync(home);
  chownSync(home, 12_345, 12_345);
  const places = planServicePlaces(root, join(home, 'agent'));
  await assert.rejects(installService({ ...options, places }), { code: 'SERVICE_FOLDER_UNSAFE' });
  assert.deepEqual(readdirSync(home), []);
});

test('the removal of an agent in another folder leaves the service alone', async (t) => {
  const { options, calls } = setUp(t);
  await installService(options);
  const root = dirname(dirname(options.places.folder));
  const trial = planServicePlaces(root, join(root, 'trial'));
  const gone = { runningProcessId: undefined, forgetToken: () => undefined };
  assert.equal(await uninstallService({ ...options, places: trial, ...gone }), 'not-installed');
  await installService({ ...options, places: trial, withService: false });
  calls.length = 0;
  assert.equal(await uninstallService({ ...options, places: trial, ...gone }), 'removed');
  assert.deepEqual(calls, []);
  assert.ok(existsSync(options.places.unitPath) && existsSync(options.places.runtimePath));
  assert.ok(!existsSync(trial.folder));
  // By another name of the same folder it is the same agent.
  symlinkSync(options.places.folder, join(root, 'name'));
  const named = planServicePlaces(root, join(root, 'name'));
  calls.length = 0;
  await assert.rejects(uninstallService({ ...options, places: named, isRoot: false, ...gone }), {
    code: 'SERVICE_NEEDS_ROOT',
  });
});

test('a removal forgets the token that was kept, when the agent is over', async (t) => {
  const { options } = setUp(t);
  await installService(options);
  const told: string[] = [];
  await uninstallService({
    ...options,
    run: (_, args) => {
      told.push(args[0] ?? '');
      return Promise.resolve('');
    },
    runningProcessId: undefined,
    forgetToken: () => told.push('forget'),
  });
  assert.deepEqual(told, ['disable', 'daemon-reload', 'forget']);
});
