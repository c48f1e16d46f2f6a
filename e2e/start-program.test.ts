import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findFreePort } from './support/free-port.ts';
import { createHome, holdfastEnvironment } from './support/holdfast-process.ts';
import {
  listDescendants,
  type RunningProcess,
  startProcess,
  stopAllProcesses,
} from './support/running-process.ts';
import { until } from './support/until.ts';

// The programs of the server as they are called from a clone: through the start program, which sets the runtime up and
// adds to the environment what they must bear.

const clone = fileURLToPath(new URL('..', import.meta.url));
const program = fileURLToPath(new URL('../bin/holdfast.mjs', import.meta.url));

let home: Awaited<ReturnType<typeof createHome>>;
before(async () => {
  home = await createHome();
});
after(async () => {
  await stopAllProcesses();
  await home?.remove();
});

function call(args: readonly string[], more: Readonly<Record<string, string>> = {}): RunningProcess {
  return startProcess(
    process.execPath,
    [program, ...args],
    holdfastEnvironment(home.path, { ...more, NODE_OPTIONS: '' }),
  );
}

async function run(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<string> {
  const started = call(args, more);
  assert.equal(await started.exited, 0, started.output());
  return started.output();
}

async function startServer(more: Readonly<Record<string, string>>): Promise<RunningProcess> {
  const server = call(['server'], {
    HOLDFAST_PORT: String(await findFreePort()),
    HOLDFAST_HOST: '127.0.0.1',
    ...more,
  });
  await until(
    'the server listens',
    () => {
      assert.ok(!server.isOver(), server.output());
      return server.output().includes(' is ready at ') ? true : undefined;
    },
    90_000,
  );
  return server;
}

test('server, one-time links, backup and restore work as the documents write them', async () => {
  const server = await startServer({});
  assert.match(await run(['admin', 'setup-link']), /\/setup#\S+/u);
  const file = join(home.path, 'kept.hfbackup');
  await run(['backup', file]);
  assert.match(await run(['backup', '--verify', file]), /is sound/u);
  assert.equal(await server.stop(), 0, server.output());

  const other = { HOLDFAST_HOME: join(home.path, 'other') };
  await run(['restore', file], other);
  const restored = await startServer(other);
  assert.match(await run(['admin', 'setup-link'], other), /\/setup#\S+/u);
  assert.equal(await restored.stop(), 0, restored.output());
});

test('npm start is one small process beside npm, and ends with it', async () => {
  const { scripts } = JSON.parse(await readFile(join(clone, 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  const environment = holdfastEnvironment(join(home.path, 'started'), {
    NODE_OPTIONS: '',
    HOLDFAST_PORT: String(await findFreePort()),
    HOLDFAST_HOST: '127.0.0.1',
    npm_lifecycle_event: 'start',
  });
  // A process that stays, as npm does, and a shell below it.
  const npm = startProcess('sh', ['-c', `cd '${clone}'; sh -c '${scripts.start}'; true`], environment);
  await until(
    'it is ready',
    () => {
      assert.ok(!npm.isOver(), npm.output());
      return npm.output().includes('Ctrl-C stops everything.') ? true : undefined;
    },
    90_000,
  );
  const [up, ...others] = listDescendants(npm.pid).filter(({ parentPid }) => parentPid === npm.pid);
  assert.match(up?.commandLine ?? '', /\/programs\/cli\.mjs up$/u);
  assert.deepEqual(others, []);
  const below = listDescendants(npm.pid);
  npm.child.kill('SIGKILL');
  await until('nothing of it runs any more', () =>
    below.every(({ pid }) => !existsSync(`/proc/${pid}`)) ? true : undefined,
  );
});
