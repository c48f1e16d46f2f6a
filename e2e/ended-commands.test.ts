import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type CommandContext, stopped } from '@holdfast/agent/src/modules/commands/index.ts';
import { createFakeComputer, type FakeComputer } from '@holdfast/agent/src/testing/fake-computer.ts';
import { runInProcess } from '@holdfast/agent/src/testing/program-in-process.ts';
import { openEnrolledAgent } from '@holdfast/agent/src/testing/running-agent.ts';
import { createTemporaryFolder } from '@holdfast/agent/src/platform/test-folder.ts';
import { defineTestCommand } from '@holdfast/agent/src/testing/test-command.ts';
import {
  cancelCommand,
  type CommandTarget,
  issueCommand,
  listCommandTargets,
  listDevices,
} from '@holdfast/api';
import { encodeEnrolmentToken, parseEnrolmentToken } from '@holdfast/protocol';
import { callApi } from '@holdfast/server/src/testing/test-api.ts';
import { createTestToken } from '@holdfast/server/src/testing/test-product.ts';
import { startTestServer } from '@holdfast/server/src/testing/test-server.ts';
import { until } from './support/until.ts';

// The whole server and the whole agent: progress of what runs, and its end when an administrator wants it.

interface Pair {
  readonly computer: FakeComputer;
  /** Calls of the command `x-long`, which ends when it is told to. */
  readonly calls: readonly CommandContext[];
  order(type: string, parameters?: Record<string, unknown>): Promise<string>;
  cancel(commandId: string): Promise<void>;
  untilTarget(
    what: string,
    commandId: string,
    is: (target: CommandTarget) => boolean,
  ): Promise<CommandTarget>;
}

async function openPair(t: TestContext): Promise<Pair> {
  const server = await startTestServer({ isListening: true });
  t.after(() => server.close());
  const home = createTemporaryFolder(t);
  const token = parseEnrolmentToken(await createTestToken(server));
  const tokenText = encodeEnrolmentToken({ ...token, addresses: [server.address] });
  const enrolled = await runInProcess(['enroll', tokenText], { home });
  assert.equal(enrolled.code, 0, enrolled.stderr);
  const computer = createFakeComputer();
  const calls: CommandContext[] = [];
  const { agent } = await openEnrolledAgent(t, home, {
    computer,
    moreHandlers: [
      {
        definition: defineTestCommand('x-long', 'disk'),
        onRestart: 'fail',
        run: (context) => {
          calls.push(context);
          return new Promise((_, reject) =>
            context.signal.addEventListener('abort', () =>
              reject(stopped(context.signal, 'Two of five disks are done.')),
            ),
          );
        },
      },
    ],
  });
  agent.start();
  // From then on the server knows what this agent can do.
  await until('the handshake', () => agent.loop.state.phase === 'connected' || undefined);
  const { devices } = await callApi(server, listDevices);
  const deviceIds = [devices[0]?.id ?? assert.fail('no device')];
  return {
    computer,
    calls,
    order: async (type, parameters = {}) =>
      (await callApi(server, issueCommand, { body: { type, parameters, targets: { deviceIds } } })).id,
    cancel: async (commandId) => {
      await callApi(server, cancelCommand, { params: { commandId } });
    },
    untilTarget: async (what, commandId, is) =>
      await until(what, async () => {
        const answer = await callApi(server, listCommandTargets, { params: { commandId }, query: {} });
        const [target] = answer.targets;
        return target !== undefined && is(target) ? target : undefined;
      }),
  };
}

test('an administrator sees how far a command is, ends it, and learns what had been done', async (t) => {
  const pair = await openPair(t);
  const id = await pair.order('x-long');
  await until('it runs', () => pair.calls[0]);
  pair.calls[0]?.reportProgress({ percent: 40, text: 'Disk 2 of 5' });
  const { progress } = await pair.untilTarget('its progress', id, (target) => target.progress !== null);
  assert.deepEqual([progress?.percent, progress?.text], [40, 'Disk 2 of 5']);
  await pair.cancel(id);
  const ended = await pair.untilTarget('its end', id, ({ state }) => state === 'cancelled');
  assert.equal(ended.detail, 'Two of five disks are done.');
});

test('a restart that was announced is called off from the console, and the people at the device are told both', async (t) => {
  const pair = await openPair(t);
  const id = await pair.order('restart-computer', { delaySeconds: 3_600 });
  await pair.untilTarget(
    'how long it is',
    id,
    ({ progress }) => progress?.text === 'The computer restarts in 1 h 0 min',
  );
  await pair.cancel(id);
  const ended = await pair.untilTarget('its end', id, ({ state }) => state === 'cancelled');
  assert.match(ended.detail, /^The restart was called off, .+ before its time\.$/u);
  assert.deepEqual(
    pair.computer.messages.map(({ title }) => title),
    ['Restart', 'Restart called off'],
  );
  assert.deepEqual(pair.computer.orders, []);
});

test('a message is shown, and the administrator learns to whom', async (t) => {
  const pair = await openPair(t);
  const id = await pair.order('show-message', { title: 'Maintenance', text: 'At noon.' });
  const { result } = await pair.untilTarget('its end', id, ({ state }) => state === 'succeeded');
  assert.deepEqual(result, { users: [{ name: 'ada', ways: ['terminal'] }] });
  assert.deepEqual(pair.computer.messages, [{ title: 'Maintenance', text: 'At noon.' }]);
});
