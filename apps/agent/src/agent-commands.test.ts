/** Commands of the whole agent against a server: lanes, progress, and what the server wants ended. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandReport } from '@holdfast/protocol';
import { type CommandContext, type CommandHandler, stopped } from './modules/commands/index.ts';
import { eventually } from './testing/eventually.ts';
import { createFakeComputer } from './testing/fake-computer.ts';
import { countHandler, finalReports, orderCommand, productOf } from './testing/fake-orders.ts';
import { createRunningAgent, openAgent, type RunningAgent } from './testing/running-agent.ts';
import { defineTestCommand } from './testing/test-command.ts';

/** Runs until its signal aborts, and says that it was ended. */
function createLongHandler(calls: CommandContext[], isDeaf = false): CommandHandler {
  return {
    definition: defineTestCommand('long', 'disk'),
    onRestart: 'repeat',
    run: (context) => {
      calls.push(context);
      return new Promise((_, reject) => {
        if (!isDeaf)
          context.signal.addEventListener('abort', () =>
            reject(stopped(context.signal, 'Half of it is done.')),
          );
      });
    },
  };
}

const reportsOf = ({ server }: RunningAgent, id: string): readonly CommandReport[] =>
  server.state.reportLog.filter(({ commandId }) => commandId === id);

/** As an administrator does: the next acknowledgement says that something waits. */
function wantEnded({ server }: RunningAgent, ...ids: readonly string[]): void {
  for (const id of ids) server.state.cancelling.add(id);
  server.state.commandsWait = true;
}

test('while a long command runs, heartbeats, claims, uploads and quick commands go on, and its progress arrives', async (t) => {
  const calls: CommandContext[] = [];
  const counted: string[] = [];
  const running = await createRunningAgent(t, {
    moreHandlers: [createLongHandler(calls), countHandler(counted)],
  });
  const { server, agent } = running;
  agent.start();
  const id = orderCommand(server, 'long');
  await eventually('it runs', () => calls.length === 1);
  const before = productOf(server).heartbeats;
  calls[0]?.reportProgress({ percent: 30, text: 'Reading' });
  const quick = orderCommand(server, 'count');
  await eventually('the quick one ends', () => finalReports(server, quick).length === 1);
  await eventually('progress', () => reportsOf(running, id).some(({ progress }) => progress?.percent === 30));
  await eventually('heartbeats', () => productOf(server).heartbeats >= before + 2);
  assert.equal(finalReports(server, id).length, 0);
});

test('what the server wants ended while it runs ends soon, with what had been done, and its id is told no more', async (t) => {
  const calls: CommandContext[] = [];
  const running = await createRunningAgent(t, { moreHandlers: [createLongHandler(calls)] });
  const { server, agent } = running;
  agent.start();
  const [first, second] = [orderCommand(server, 'long'), orderCommand(server, 'long')];
  await eventually('the first runs', () => calls.length === 1);
  await eventually('the second is accepted', () => reportsOf(running, second).length > 0);
  wantEnded(running, first, second);
  await eventually('both ends', () => [first, second].every((id) => finalReports(server, id).length === 1));
  assert.deepEqual(
    [first, second].map((id) => finalReports(server, id).map(({ state, detail }) => ({ state, detail }))),
    [
      [{ state: 'cancelled', detail: 'Half of it is done.' }],
      [{ state: 'cancelled', detail: 'It was ended before it began.' }],
    ],
  );
  assert.equal(calls.length, 1);
});

test('a server that forgot an end is told it again, and of a command that nobody knows that nobody knows it', async (t) => {
  const counted: string[] = [];
  const running = await createRunningAgent(t, { moreHandlers: [countHandler(counted)] });
  const { server, agent } = running;
  agent.start();
  const id = orderCommand(server, 'count');
  await eventually('the end', () => finalReports(server, id).length === 1);
  // A server that lost what came last: it knows that the command was accepted, and no more.
  server.state.reports.set(id, { commandId: id, state: 'accepted', at: 1 });
  const stranger = '01a20141-c5a5-7000-8000-0000000000ff';
  wantEnded(running, id, stranger);
  await eventually('both are told', () =>
    [id, stranger].every(
      (one) => server.state.reports.get(one)?.state !== 'accepted' && server.state.reports.has(one),
    ),
  );
  assert.equal(server.state.reports.get(id)?.state, 'succeeded');
  assert.equal(server.state.reports.get(stranger)?.code, 'COMMAND_UNKNOWN');
  assert.deepEqual(counted, [id]);
});

test('with a full outbox what the server wants ended is still heard of', async (t) => {
  const calls: CommandContext[] = [];
  const running = await createRunningAgent(t, {
    moreHandlers: [createLongHandler(calls)],
    outboxBounds: { maxCount: 3, maxBytes: 16_777_216 },
  });
  const { server, agent, codes } = running;
  agent.start();
  const id = orderCommand(server, 'long');
  await eventually('it runs', () => calls.length === 1);
  const waiting = orderCommand(server, 'long');
  await eventually('there is no room for another', () => codes().includes('OUTBOX_FULL'));
  wantEnded(running, id);
  await eventually('its end', () => finalReports(server, id).length === 1);
  assert.equal(finalReports(server, id)[0]?.state, 'cancelled');
  // What was offered meanwhile was not taken, and comes when there is room.
  await eventually('the other one runs', () => calls.length === 2);
  assert.equal(calls[1]?.commandId, waiting);
});

test('a server of the first version hears nothing of progress, and of an end in its words', async (t) => {
  const calls: CommandContext[] = [];
  const running = await createRunningAgent(t, {
    moreHandlers: [createLongHandler(calls)],
    prepare: ({ state }) => {
      state.capabilityVersion = undefined;
    },
  });
  const { server, agent } = running;
  agent.start();
  const id = orderCommand(server, 'long');
  await eventually('it runs', () => calls.length === 1);
  calls[0]?.reportProgress({ percent: 30 });
  // Such a server does not ask for it; one that went back to that version while a wish was on its way might.
  wantEnded(running, id);
  await eventually('the end', () => finalReports(server, id).length === 1);
  assert.deepEqual(
    reportsOf(running, id).map(({ state, code, progress }) => [state, code, progress]),
    [
      ['accepted', undefined, undefined],
      ['running', undefined, undefined],
      ['failed', 'COMMAND_CANCELLED', undefined],
    ],
  );
});

test('a handler that does not end keeps neither the stop of the agent nor its next start from their work', async (t) => {
  const calls: CommandContext[] = [];
  const running = await createRunningAgent(t, { moreHandlers: [createLongHandler(calls, true)] });
  const { server, agent, home } = running;
  agent.start();
  const id = orderCommand(server, 'long');
  await eventually('it runs', () => calls.length === 1);
  wantEnded(running, id);
  await eventually('it is told', () => calls[0]?.signal.aborted === true);
  const startedAt = performance.now();
  await agent.stop();
  assert.ok(performance.now() - startedAt < 5_000);
  assert.equal(finalReports(server, id).length, 0, 'what came of it is not known yet');
  const next = await openAgent(t, server, home, { moreHandlers: [createLongHandler(calls)] });
  next.agent.start();
  await eventually('the end', () => finalReports(server, id).length === 1);
  assert.equal(finalReports(server, id)[0]?.state, 'cancelled');
  assert.equal(calls.length, 1);
});

test('a restart of the computer is waited out, told as it comes nearer, and called off by the server', async (t) => {
  const computer = createFakeComputer();
  const running = await createRunningAgent(t, { computer });
  const { server, agent } = running;
  agent.start();
  const id = orderCommand(server, 'restart-computer', 3_600_000, { delaySeconds: 3_600, message: 'Updates' });
  await eventually('how long it is', () =>
    reportsOf(running, id).some(({ progress }) => progress?.text === 'The computer restarts in 1 h 0 min'),
  );
  const quick = orderCommand(server, 'show-message', 3_600_000, { title: 'Hello', text: 'World' });
  await eventually('a message meanwhile', () => finalReports(server, quick).length === 1);
  wantEnded(running, id);
  await eventually('the end', () => finalReports(server, id).length === 1);
  assert.equal(finalReports(server, id)[0]?.state, 'cancelled');
  assert.deepEqual(
    computer.messages.map(({ title }) => title),
    ['Restart', 'Hello', 'Restart called off'],
  );
  assert.deepEqual(computer.orders, []);
});
