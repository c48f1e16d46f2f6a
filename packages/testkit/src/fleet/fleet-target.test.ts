import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findTarget, isLoopback, planSources } from './fleet-target.ts';

const careful = { isOwnServer: false, needsIpv4: false };

test('only addresses of this computer are loopback', () => {
  for (const address of ['127.0.0.1', '127.3.2.1', '::1']) assert.ok(isLoopback(address), address);
  for (const address of ['10.0.0.1', '128.0.0.1', '0.0.0.0', '::', '::2', '192.168.1.1'])
    assert.ok(!isLoopback(address), address);
});

test('a server that is not this computer is refused, unless somebody says that it is theirs', async () => {
  const foreign = 'https://192.0.2.1:8443';
  await assert.rejects(findTarget(foreign, careful), { code: 'FLEET_TARGET_FOREIGN' });
  const target = await findTarget(foreign, { ...careful, isOwnServer: true });
  assert.deepEqual([target.address, target.port], ['192.0.2.1', 8443]);
});

test('a name is looked up once, and the certificate is checked for the name', async () => {
  const target = await findTarget('https://localhost:1234', { ...careful, needsIpv4: true });
  assert.equal(target.hostHeader, 'localhost:1234');
  assert.ok(isLoopback(target.address));
});

test('what is no address of a server is refused', async () => {
  for (const server of ['http://localhost:1', 'localhost', 'https://localhost/path'])
    await assert.rejects(findTarget(server, careful), { code: 'FLEET_OPTION_INVALID' }, server);
});

test('a fleet has as many addresses as it asked for, each once, and only towards this computer', async () => {
  const target = await findTarget('https://127.0.0.1:8443', careful);
  const sources = planSources(1_000, target);
  assert.equal(new Set(sources).size, 1_000);
  for (const source of sources) assert.ok(isLoopback(source), source);
  assert.throws(() => planSources(2, { ...target, address: '192.0.2.1' }), {
    code: 'FLEET_SOURCE_UNAVAILABLE',
  });
});
