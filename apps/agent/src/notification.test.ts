import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { test } from 'node:test';
import { createUuidV7, systemClock } from '@holdfast/kernel';
import type { FakeMcpServer } from '@holdfast/testkit';
import type { CommandHandler } from './modules/commands/index.ts';
import { readAgentStatus } from './modules/status/index.ts';
import { eventually } from './testing/eventually.ts';
import { createRunningAgent, type RunningAgent } from './testing/running-agent.ts';
import { defineTestCommand } from './testing/test-command.ts';

let counter = 0;

/** Waits in the server, and no heartbeat tells of it. */
function order(server: FakeMcpServer): string {
  counter++;
  const random = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1, 0, counter);
  const id = createUuidV7(systemClock.now(), random);
  const issuedAt = systemClock.now();
  server.state.commands.push({
    id,
    type: 'count',
    parameters: {},
    issuedAt,
    expiresAt: issuedAt + 3_600_000,
  });
  return id;
}

async function pickPort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

function createCounter(): { readonly handler: CommandHandler; readonly counted: string[] } {
  const counted: string[] = [];
  return {
    counted,
    handler: {
      definition: defineTestCommand('count'),
      onRestart: 'repeat',
      run: async ({ commandId }) => {
        counted.push(commandId);
        return { detail: 'Counted.' };
      },
    },
  };
}

/** Connected, with the claim of the handshake done: from here on only a heartbeat, a minute away, or a call tells. */
async function whenQuiet({ agent, server }: RunningAgent): Promise<void> {
  await eventually('the connection', () => {
    const { phase, isChoosing, isHeartbeatUnderWay, errands } = agent.loop.state;
    const isIdle = Object.values(errands).every(({ state }) => state === 'idle');
    return phase === 'connected' && !isChoosing && !isHeartbeatUnderWay && isIdle;
  });
  assert.ok(server.state.calls.includes('POST /mcp/v1/commands/claims'));
}

for (const mode of ['two-way-direct', 'two-way-udp', 'two-way-held'] as const) {
  test(`${mode}: the agent fetches a command when it is called, long before its next heartbeat`, async (t) => {
    const port = await pickPort();
    const { handler, counted } = createCounter();
    const running = await createRunningAgent(t, {
      moreHandlers: [handler],
      prepare: ({ state }) => {
        state.intervalMs = 3_600_000;
        state.pinnedMode = mode;
        state.listenerPort = port;
      },
    });
    const { server, agent, database } = running;
    agent.start();
    await whenQuiet(running);
    const id = order(server);
    await eventually('a way to call', async () => {
      return (await server.notify({ commandsWait: true, handshakeAgain: false })) === 1;
    });
    await eventually('the effect', () => counted.length > 0);
    assert.deepEqual(counted, [id]);
    const status = readAgentStatus({
      version: '0',
      home: '',
      running: { processId: 1, startedAt: '' },
      database,
    });
    assert.equal(status.connection?.mode, mode);
    assert.notEqual(status.connection?.modeReason, '');
  });
}

test('a call that asks for a handshake is followed by one, in which the mode is settled anew', async (t) => {
  const running = await createRunningAgent(t, {
    prepare: ({ state }) => {
      state.intervalMs = 3_600_000;
      state.pinnedMode = 'two-way-udp';
    },
  });
  const { server, agent } = running;
  agent.start();
  await whenQuiet(running);
  // A handshake this soon after another one waits; the loop's own clock decides.
  server.state.pinnedMode = 'two-way-held';
  await server.notify({ commandsWait: false, handshakeAgain: true });
  await eventually('the stream', () => [...server.state.products.values()][0]?.stream !== undefined);
  assert.equal([...server.state.products.values()][0]?.mode, 'two-way-held');
});

test('a stream that breaks is opened again, and the commands of the time between come with it', async (t) => {
  const { handler, counted } = createCounter();
  const running = await createRunningAgent(t, {
    moreHandlers: [handler],
    prepare: ({ state }) => {
      state.intervalMs = 3_600_000;
      state.pinnedMode = 'two-way-held';
    },
  });
  const { server, agent } = running;
  const streamOf = () => [...server.state.products.values()][0]?.stream;
  agent.start();
  await whenQuiet(running);
  await eventually('the stream', () => streamOf() !== undefined);
  server.dropConnections();
  await eventually('its end', () => streamOf() === undefined);
  order(server);
  await eventually('another one', () => streamOf() !== undefined);
  await server.notify({ commandsWait: true, handshakeAgain: false });
  await eventually('the effect', () => counted.length === 1);
});

test('an agent that may not listen opens no port, says so once, and is called by another way', async (t) => {
  const port = await pickPort();
  const running = await createRunningAgent(t, {
    mayListen: false,
    prepare: ({ state }) => {
      state.intervalMs = 3_600_000;
      state.pinnedMode = 'automatic';
      state.listenerPort = port;
    },
  });
  running.agent.start();
  await whenQuiet(running);
  const socket = connect({ port, host: '127.0.0.1' });
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'ECONNREFUSED');
  assert.equal(running.codes().filter((code) => code === 'NOT_LISTENING').length, 1);
  assert.equal([...running.server.state.products.values()][0]?.mode, 'two-way-udp');
});
