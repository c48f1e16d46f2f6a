import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFakeMcpServer } from '@holdfast/testkit';
import { createRegistrationStore } from './modules/registration/index.ts';
import { eventually } from './testing/eventually.ts';
import { runInProcess } from './testing/program-in-process.ts';
import { createRunningAgent } from './testing/running-agent.ts';

test('an agent learns the addresses of its server with a handshake, and looks there after its next start too', async (t) => {
  const { agent, database, server } = await createRunningAgent(t);
  const other = server.address.replace('localhost', '127.0.0.1');
  server.state.addresses = [other, server.address];
  agent.start();
  t.after(() => agent.stop());
  const stored = (): readonly string[] | undefined => createRegistrationStore(database).find()?.addresses;
  await eventually('the addresses are written', () => stored()?.[0] === other);
  assert.deepEqual(stored(), [other, server.address]);
});

test('on the device other addresses are shown and set, and only a server that proves itself is taken', async (t) => {
  const { agent, home, server } = await createRunningAgent(t);
  const run = async (...args: string[]) => await runInProcess(['addresses', ...args], { home });
  assert.equal((await run()).stdout, `${server.address}\n`);
  const other = server.address.replace('localhost', '127.0.0.1');
  const set = await run('--server', other, '--json');
  assert.equal(set.code, 0, set.stderr);
  assert.deepEqual((JSON.parse(set.stdout) as { addresses: string[] }).addresses, [other, server.address]);
  assert.equal(agent.followAddresses(), true, 'an agent that runs hears of it');
  assert.equal(agent.followAddresses(), false);

  const stranger = await startFakeMcpServer();
  t.after(() => stranger.close());
  const refused = await run('--server', stranger.address);
  assert.equal(refused.code, 3, refused.stderr);
  const away = 'https://localhost:1';
  assert.equal((await run('--server', away)).code, 4);
  assert.equal((await run('--server', 'http://localhost:1')).code, 2);
  assert.equal((await run()).stdout, `${other}\n${server.address}\n`, 'nothing of this was written');
  assert.equal((await run('--server', away, '--force')).stdout, `${away}\n${other}\n${server.address}\n`);
});
