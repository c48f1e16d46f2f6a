/** Exactly once: whatever is repeated, cut differently or sent twice at once, the table holds each entry one time. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { insertFleet } from '../../testing/test-fleet.ts';
import {
  createEntries,
  createJournal,
  readSequences,
  sendLogs,
  uploadLogs,
} from '../../testing/test-logs.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
let productNumbers: number[];
before(async () => {
  server = await startTestServer();
  productNumbers = (await insertFleet(server, { count: 2 })).map((device) => device.productNumber);
});
after(() => server.close());

/** A batch that a product may send: from some entry that is not acknowledged yet, or again from an earlier one. */
interface Step {
  readonly product: number;
  readonly journal: number;
  /** How far before the first entry that is not acknowledged the batch begins. */
  readonly back: number;
  readonly length: number;
  /** How often it is sent at once. */
  readonly copies: number;
  readonly isPacked: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  product: fc.nat(1),
  journal: fc.nat(1),
  back: fc.nat(12),
  length: fc.integer({ min: 1, max: 12 }),
  copies: fc.integer({ min: 1, max: 3 }),
  isPacked: fc.boolean(),
});

test('each entry is in the table once and in order, however batches are cut, repeated and sent at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
      // The same journals at both products: nothing of one may be taken for the other's.
      const journals = [createJournal(), createJournal()];
      const acknowledged = new Map<string, number>();
      for (const { product, journal, back, length, copies, isPacked } of steps) {
        const key = `${product} ${journal}`;
        const known = acknowledged.get(key) ?? 0;
        const first = Math.max(1, known + 1 - back);
        const entries = createEntries(first, length);
        const answers = await Promise.all(
          Array.from({ length: copies }, () =>
            sendLogs(
              server,
              productNumbers[product] ?? 0,
              { journal: journals[journal], entries },
              { isPacked },
            ),
          ),
        );
        const expected = Math.max(known, first + length - 1);
        for (const answer of answers) {
          assert.equal(answer.statusCode, 200, answer.body);
          assert.deepEqual(answer.json(), { acknowledged: expected });
        }
        acknowledged.set(key, expected);
      }
      for (const [product, productNumber] of productNumbers.entries()) {
        for (const [index, journal] of journals.entries()) {
          const count = acknowledged.get(`${product} ${index}`) ?? 0;
          assert.deepEqual(
            await readSequences(server, productNumber, journal),
            Array.from({ length: count }, (_, at) => at + 1),
          );
        }
      }
      await forgetJournals();
    }),
    { numRuns: 40 },
  );
});

test('different cuts of one journal that come at once add up to each entry once', async () => {
  const journal = createJournal();
  const productNumber = productNumbers[0] ?? 0;
  const cuts = [
    [1, 20],
    [1, 5],
    [3, 30],
    [10, 11],
    [1, 40],
  ] as const;
  const answers = await Promise.all(
    cuts.map(async ([first, last]) =>
      uploadLogs(server, productNumber, journal, createEntries(first, last - first + 1)),
    ),
  );
  const sequences = await readSequences(server, productNumber, journal);
  // A later cut may have come first: what came before it counts as dropped by the product, and is not taken afterwards.
  assert.deepEqual(
    sequences,
    [...new Set(sequences)].toSorted((left, right) => left - right),
  );
  assert.equal(sequences.at(-1), 40);
  assert.ok(answers.every((acknowledged, index) => acknowledged >= (cuts[index]?.[1] ?? 0)));
});

async function forgetJournals(): Promise<void> {
  await server.database.db.deleteFrom('log_journal').execute();
}
