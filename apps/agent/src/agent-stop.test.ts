/** What becomes of commands and reports when the agent ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FakeReply } from '@holdfast/testkit';
import { type CommandHandler, OnRestart } from './modules/commands/index.ts';
import { eventually } from './testing/eventually.ts';
import { countHandler, finalReports, orderCommand, productOf } from './testing/fake-orders.ts';
import { createRunningAgent, openAgent } from './testing/running-agent.ts';
import { defineTestCommand } from './testing/test-command.ts';

test('a stop says goodbye and takes less than five seconds', async (t) => {
  const { server, agent } = await createRunningAgent(t);
  agent.start();
  await eventually('a heartbeat', () => productOf(server).heartbeats >= 1);
  const startedAt = performance.now();
  await agent.stop();
  assert.ok(performance.now() - startedAt < 5_000);
  assert.equal(productOf(server).goodbyes, 1);
});

test('at a stop the last reports come first and the goodbye last', async (t) => {
  const { server, agent } = await createRunningAgent(t, { moreHandlers: [countHandler([])] });
  agent.start();
  await eventually('a heartbeat', () => productOf(server).heartbeats >= 1);
  const goodbyesAtAnswers: number[] = [];
  const refuse = async (): Promise<FakeReply> => {
    // A goodbye that was sent at the same time would be here long before the answer.
    await new Promise((resolve) => setTimeout(resolve, 300));
    goodbyesAtAnswers.push(productOf(server).goodbyes);
    return { status: 503, mediaType: 'text/plain', body: Buffer.from('') };
  };
  server.state.faults.answer = (path) => (path === '/mcp/v1/commands/reports' ? refuse() : undefined);
  orderCommand(server, 'count');
  await eventually('a report waits', () => goodbyesAtAnswers.length === 1);
  await agent.stop();
  assert.deepEqual(goodbyesAtAnswers, [0, 0]);
  assert.equal(productOf(server).goodbyes, 1);
});

test('a stop while a command and the server hang takes less than five seconds', async (t) => {
  const hanging: CommandHandler = {
    definition: defineTestCommand('hang'),
    onRestart: 'fail',
    run: () => new Promise(() => undefined),
  };
  const { server, agent } = await createRunningAgent(t, { moreHandlers: [hanging] });
  agent.start();
  orderCommand(server, 'hang');
  await eventually('it runs', () => server.state.reportLog.some(({ state }) => state === 'running'));
  server.state.faults.udpInward = false;
  server.state.faults.answer = () => new Promise(() => undefined);
  const startedAt = performance.now();
  await agent.stop();
  assert.ok(performance.now() - startedAt < 5_000);
});

test('a command that was begun when the agent ended is repeated if that is safe, and else reported as interrupted', async (t) => {
  for (const onRestart of [OnRestart.repeat, OnRestart.fail]) {
    const first = await createRunningAgent(t, {
      moreHandlers: [
        { definition: defineTestCommand('count'), onRestart, run: () => new Promise(() => undefined) },
      ],
    });
    first.agent.start();
    const id = orderCommand(first.server, 'count');
    await eventually('it runs', () => first.server.state.reportLog.some(({ state }) => state === 'running'));
    await first.agent.stop();
    const counted: string[] = [];
    const second = await openAgent(t, first.server, first.home, {
      moreHandlers: [countHandler(counted, onRestart)],
    });
    second.agent.start();
    await eventually('the end', () => finalReports(first.server, id).length === 1);
    assert.deepEqual(counted, onRestart === 'repeat' ? [id] : []);
    assert.equal(
      finalReports(first.server, id)[0]?.code,
      onRestart === 'repeat' ? undefined : 'COMMAND_INTERRUPTED',
    );
    await second.agent.stop();
  }
});

test('a command that runs at a stop gets its time without a connection too, and its result waits for the next start', async (t) => {
  const slow: CommandHandler = {
    definition: defineTestCommand('slow'),
    onRestart: 'fail',
    run: async () => {
      await lastSteps.promise;
      return { detail: 'Done in the end.' };
    },
  };
  const lastSteps = Promise.withResolvers<void>();
  const { server, agent, home } = await createRunningAgent(t, { moreHandlers: [slow] });
  agent.start();
  const id = orderCommand(server, 'slow');
  await eventually('it runs', () => server.state.reportLog.some(({ state }) => state === 'running'));
  await server.stop();
  await eventually('the server is lost', () => agent.loop.state.phase === 'reconnecting');
  const stopped = agent.stop();
  // The command is not through when the stop begins, and has some work left.
  setTimeout(lastSteps.resolve, 100);
  await stopped;
  await server.start();
  const next = await openAgent(t, server, home, { moreHandlers: [slow] });
  next.agent.start();
  await eventually('the end', () => finalReports(server, id).length === 1);
  assert.equal(finalReports(server, id)[0]?.state, 'succeeded');
});
