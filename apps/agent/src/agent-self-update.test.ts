/** An agent that updates itself: real processes, started as the service starts them, and started anew whenever they end. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { quickStart, startFakeMcpServer } from '@holdfast/testkit';
import { formatStartProgram } from './modules/service/index.ts';
import { describeComponent } from './testing/test-component.ts';
import { makeTar } from './platform/test-tar.ts';
import { createTemporaryFolder } from './platform/test-folder.ts';
import { startPublisher } from './testing/component-publisher.ts';
import { eventually } from './testing/eventually.ts';
import { finalReports, orderCommand } from './testing/fake-orders.ts';
import { runInProcess } from './testing/program-in-process.ts';

const MAIN = new URL('./main.ts', import.meta.url).href;
const program = describeComponent('agent', 'agent-program', { kind: 'program' });
/** Source runs as it is written, which the runtime cannot do without its compiler. */
const runtime = `#!/bin/sh\n[ "$1" = --disable-sigusr1 ] && shift\n[ "$1" = --jitless ] && shift\nexec ${process.execPath} "$@"\n`;
/** A program of this version, which does something of its own instead of what it is to do. */
const agentOf = (version: string, instead = ''): string =>
  `const [, , word] = process.argv;\nif (word === 'version') console.log('${version}');\n${instead}else await import('${MAIN}');\n`;
const archiveOf = (agent: string): Buffer =>
  makeTar([
    { name: 'agent.mjs', content: agent },
    { name: 'node', content: runtime, mode: 0o755 },
  ]);

/** Starts the agent and starts it anew whenever it ends, until the test is over. */
function supervise(
  t: TestContext,
  startProgramPath: string,
  home: string,
): { readonly starts: () => number } {
  let starts = 0;
  let isOver = false;
  let child: ChildProcess;
  const start = (): void => {
    starts++;
    // A channel is how it knows that somebody starts it again.
    child = spawn(startProgramPath, ['run'], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: { PATH: process.env['PATH'], ...quickStart(), HOLDFAST_AGENT_HOME: home },
    });
    child.on('exit', () => {
      if (!isOver) start();
    });
  };
  start();
  t.after(() => {
    isOver = true;
    child.kill('SIGKILL');
  });
  return { starts: () => starts };
}

test('an agent updates itself, and goes back from one that does not run and from one that does not reach the server', {
  skip: process.platform === 'win32',
}, async (t) => {
  const server = await startFakeMcpServer();
  t.after(() => server.close());
  server.state.intervalMs = 1_000;
  const publisher = await startPublisher(t, server);
  const home = createTemporaryFolder(t);
  const enrolled = await runInProcess(['enroll', server.token], { home });
  assert.equal(enrolled.code, 0, enrolled.stderr);

  const folder = join(home, 'installed');
  mkdirSync(folder);
  const [startProgramPath, runtimePath, programPath] = ['holdfast-agent', 'node', 'agent.mjs'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  writeFileSync(runtimePath, runtime, { mode: 0o755 });
  writeFileSync(programPath, agentOf('0.1.0'));
  const text = formatStartProgram({ runtimePath, programPath, startProgramPath, home, trialSeconds: 20 });
  writeFileSync(startProgramPath, text, { mode: 0o755 });
  const service = supervise(t, startProgramPath, home);
  const stateOf = () => server.state.componentStates.at(-1)?.components[0];
  const publish = async (release: number, version: string, agent: string): Promise<void> =>
    await publisher.publish({ component: program, release, version, content: archiveOf(agent) });
  const updateNow = async () => {
    const id = orderCommand(server, 'update-now');
    await eventually('the command ends', () => finalReports(server, id).length === 1, 120_000);
    return finalReports(server, id)[0]?.result;
  };

  await publish(1, '0.1.1', agentOf('0.1.1'));
  await eventually('the new one is in use', () => stateOf()?.state === 'up-to-date', 120_000);
  assert.equal(stateOf()?.release, 1);
  assert.equal(readFileSync(join(home, 'programs/current'), 'utf8'), '1\n');
  assert.equal(service.starts(), 2);

  await publish(2, '0.1.2', agentOf('0.1.2', "else if (word === 'run') process.exit(1);\n"));
  const crashed = (await updateNow()) as { readonly components: readonly { readonly reason: string }[] };
  assert.match(crashed.components[0]?.reason ?? '', /did not come up/u);
  await eventually('the server knows why', () => stateOf()?.code === 'AGENT_PROGRAM_DID_NOT_START');
  assert.deepEqual([stateOf()?.state, stateOf()?.release], ['failed', 1]);
  assert.equal(service.starts(), 6, 'three of the new one, and the former one again');

  await publish(3, '0.1.3', agentOf('0.1.3', "else if (word === 'run') setInterval(() => {}, 1_000);\n"));
  const hung = (await updateNow()) as { readonly components: readonly { readonly reason: string }[] };
  assert.match(hung.components[0]?.reason ?? '', /did not reach the server in time/u);
  assert.equal(stateOf()?.release, 1);

  await publish(4, '0.1.4', agentOf('0.1.4'));
  assert.deepEqual(await updateNow(), { components: [{ component: 'agent', state: 'updated', release: 4 }] });
});
