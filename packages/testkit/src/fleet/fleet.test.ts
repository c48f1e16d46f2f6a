import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '@holdfast/kernel';
import { encodeEnrolmentToken, parseEnrolmentToken } from '@holdfast/protocol';
import { type FakeMcpServer, startFakeMcpServer } from '../mcp-server/fake-mcp-server.ts';
import { createFleet } from './create-fleet.ts';
import type { Fleet } from './fleet.ts';
import type { FleetSettings } from './fleet-settings.ts';

const products = 200;
const networkFaults = {
  loseShare: 0.05,
  duplicateShare: 0.05,
  reorderShare: 0.05,
  minDelayMs: 0,
  maxDelayMs: 100,
};

let server: FakeMcpServer;
const fleets: Fleet[] = [];
before(async () => {
  server = await startFakeMcpServer();
  server.state.intervalMs = 1_000;
});
afterEach(() => {
  for (const fleet of fleets.splice(0)) fleet.stop();
});
after(() => server.close());

async function create(more: Partial<FleetSettings> = {}): Promise<Fleet> {
  const fleet = await createFleet({
    server: server.address,
    token: server.token,
    products,
    clock: systemClock,
    arriveWithinMs: 500,
    connections: 8,
    ...more,
  });
  fleets.push(fleet);
  return fleet;
}

async function until(description: string, isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!isTrue()) {
    assert.ok(performance.now() < deadline, description);
    await delay(20);
  }
}

test('two hundred products register, connect by both ways, and all stay alive on a bad network', async () => {
  const fleet = await create({ transport: 'mixed', networkFaults });
  await fleet.register();
  assert.equal(server.state.products.size, products);
  fleet.start();
  await until('all are connected', () => fleet.snapshot().products.connected === products);
  for (let round = 0; round < 2; round++) {
    const before = new Map([...server.state.products.values()].map((one) => [one, one.heartbeats]));
    await until('the server counts a further sign of life of each product', () =>
      [...before].every(([product, heartbeats]) => product.heartbeats > heartbeats),
    );
  }
  const { counts, latencyMs, errors } = fleet.snapshot();
  assert.ok(counts.datagramsLost > 0 && counts.datagramsDuplicated > 0 && counts.datagramsHeldBack > 0);
  assert.ok(counts.heartbeatsRepeated > 0 && counts.heartbeatsByHttps > 0);
  assert.ok(latencyMs.p50 > 0);
  assert.deepEqual(errors, {});
});

test('a saved fleet comes back as the same products, without a token, and shakes hands once more after a restart', async () => {
  const first = await create({ products: 20 });
  await first.register();
  const saved = first.save();
  first.stop();
  const known = server.state.products.size;
  const second = await createFleet({
    server: server.address,
    products: 20,
    saved,
    clock: systemClock,
    arriveWithinMs: 0,
  });
  fleets.push(second);
  await second.register();
  assert.equal(server.state.products.size, known);
  second.start();
  await until('all are connected', () => second.snapshot().products.connected === 20);
  const { handshakes } = second.snapshot().counts;
  second.restartAll(100);
  assert.equal(second.snapshot().products.connected, 0);
  await until('all are connected again', () => second.snapshot().products.connected === 20);
  assert.equal(second.snapshot().counts.handshakes, handshakes + 20);
});

test('a command is claimed, begun once and reported as done', async () => {
  const id = '0194fdc2-fa2f-7cc0-81d3-ff12045b73c8';
  const nowMs = systemClock.now();
  server.state.commands.push({
    id,
    type: 'collect-inventory',
    parameters: {},
    issuedAt: nowMs,
    expiresAt: nowMs + 60_000,
  });
  server.state.commandsWait = true;
  const fleet = await create({ products: 1, obeysCommands: true });
  await fleet.register();
  fleet.start();
  await until('the report is there', () => server.state.reports.get(id)?.state === 'succeeded');
  assert.equal(fleet.snapshot().counts.commandsBegun, 1);
  server.state.commandsWait = false;
});

test('silent products say nothing more, and products without UDP use none', async () => {
  const fleet = await create({
    products: 10,
    transport: 'https',
    runMs: 300,
    productFaults: { silentShare: 1, clockJumpShare: 1, maxClockJumpMs: 86_400_000 },
  });
  await fleet.register();
  fleet.start();
  await until('all are silent', () => fleet.snapshot().products.silent === 10);
  await until('all clocks have jumped', () => fleet.snapshot().counts.clockJumps === 10);
  assert.equal(fleet.snapshot().counts.datagramsSent, 0);
});

test('a fleet is refused with a token that the server does not take', async () => {
  const secret = Buffer.alloc(32, 9).toString('base64url');
  const token = encodeEnrolmentToken({ ...parseEnrolmentToken(server.token), secret });
  const fleet = await create({ products: 5, token });
  await assert.rejects(fleet.register(), { code: 'FLEET_REGISTRATION_REFUSED' });
});

test('a fleet without a token and without a state is refused, and so is the state of another server', async () => {
  const base = { server: server.address, products: 2, clock: systemClock };
  await assert.rejects(createFleet(base), { code: 'FLEET_OPTION_INVALID' });
  const saved = {
    server: 'https://localhost:1',
    authority: 'a',
    fingerprint: server.fingerprint,
    secret: 's',
    products: [],
  };
  await assert.rejects(createFleet({ ...base, token: server.token, saved }), {
    code: 'FLEET_STATE_UNREADABLE',
  });
});
