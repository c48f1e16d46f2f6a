/**
 * A product and the real server over a network that loses, repeats and delays calls, with clocks that jump on both sides and
 * restarts of the product, in any order. Set HOLDFAST_TEST_SEED to repeat a run.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, test } from 'node:test';
import { getCommand, getDevice, issueCommand } from '@holdfast/api';
import fc from 'fast-check';
import { callApi } from '../testing/test-api.ts';
import { readSequences } from '../testing/test-logs.ts';
import { createTestToken } from '../testing/test-product.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';
import { type CallFate, UnreliableProduct } from '../testing/unreliable-product.ts';

const RUNS = 8;
const DAY_MS = 86_400_000;

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

const fate = fc.constantFrom<CallFate>(
  'arrives',
  'arrives',
  'request-lost',
  'answer-lost',
  'repeated',
  'comes-again-later',
);
const step = fc.oneof(
  fc.record({ do: fc.constant('order' as const) }),
  fc.record({ do: fc.constant('log' as const) }),
  fc.record({ do: fc.constant('log' as const) }),
  fc.record({ do: fc.constant('claim' as const), fate, crashes: fc.boolean() }),
  fc.record({ do: fc.constant('report' as const), fate }),
  fc.record({ do: fc.constant('send-logs' as const), fate, count: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ do: fc.constant('late-calls' as const) }),
  fc.record({ do: fc.constant('beat' as const) }),
  fc.record({ do: fc.constant('restart' as const) }),
  fc.record({ do: fc.constant('handshake' as const), isLost: fc.boolean() }),
  fc.record({ do: fc.constant('leap' as const), byMs: fc.integer({ min: -DAY_MS, max: DAY_MS }) }),
  fc.record({ do: fc.constant('time' as const), byMs: fc.integer({ min: 0, max: 7_200_000 }) }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

async function take(product: UnreliableProduct, deviceId: string, commandIds: string[], it: Step) {
  switch (it.do) {
    case 'order': {
      const body = { type: 'collect-inventory', targets: { deviceIds: [deviceId] } };
      const { id } = await callApi(server, issueCommand, { body });
      commandIds.push(id);
      return;
    }
    case 'log':
      return product.log();
    case 'claim':
      await product.claim(it.fate, it.crashes);
      return;
    case 'report':
      return await product.sendReports(it.fate);
    case 'send-logs':
      return await product.sendLogs(it.fate, it.count);
    case 'late-calls':
      return await product.deliverDelayed();
    case 'beat':
      return await product.beat();
    case 'restart':
      return product.restart();
    case 'handshake': {
      const answer = await product.shakeHands(it.isLost);
      assert.equal(answer.statusCode, 200, 'one product is never taken for two');
      return;
    }
    case 'leap':
      return product.leapClock(it.byMs);
    case 'time':
      server.clock.advance(it.byMs);
  }
}

test('whatever the network and the clocks do: no effect twice, no command without an end, no entry lost or twice', async (t) => {
  const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? randomInt(2 ** 31));
  t.diagnostic(`seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
      const product = new UnreliableProduct(server, { name: 'Unlucky' });
      await product.join(await createTestToken(server));
      const found = await server.app.modules.directory.findProduct(product.number);
      const deviceId = found?.deviceId ?? '';
      const commandIds: string[] = [];
      for (const it of steps) await take(product, deviceId, commandIds, it);

      // The network is well again, and what was held back comes late.
      await product.deliverDelayed();
      for (let round = 0; round < 100; round += 1) {
        const claimed = await product.claim('arrives');
        await product.sendReports('arrives');
        await product.sendLogs('arrives', 50);
        if (claimed === 0 && product.waitingCount === 0) break;
      }
      for (const id of commandIds) {
        const command = await callApi(server, getCommand, { params: { commandId: id } });
        assert.equal(command.counts.queued + command.counts.delivered, 0, `command ${id} has no end`);
      }
      for (const count of product.effects.values()) assert.equal(count, 1);
      const expected = Array.from({ length: product.lastSequence }, (_, index) => index + 1);
      assert.deepEqual(await readSequences(server, product.number, product.journal), expected);
      assert.deepEqual(
        product.epochs,
        [...new Set(product.epochs)].toSorted((a, b) => a - b),
      );
      const { device } = await callApi(server, getDevice, { params: { deviceId } });
      assert.equal(device.presence.status, 'online');
      assert.deepEqual(device.keyCopies, []);
    }),
    { numRuns: RUNS, seed, endOnFailure: true },
  );
});
