import assert from 'node:assert/strict';
import { test } from 'node:test';
import { McpProblem } from './client.errors.ts';
import { requireSuccess } from './answer.ts';

const refuse = (problem: object): McpProblem => {
  try {
    requireSuccess({
      status: 400,
      mediaType: 'application/problem+json',
      retryAfter: undefined,
      body: Buffer.from(JSON.stringify({ code: 'BODY_INVALID', ...problem })),
      remoteAddress: undefined,
    });
  } catch (error) {
    if (error instanceof McpProblem) return error;
    throw error;
  }
  throw new Error('it was no refusal');
};

test('whatever a server says about its no is one line that hides nothing', () => {
  const hostile = 'no\r\n{"level":"info"}\u2028\u001b[2J\u202eevil\u200b';
  const line = 'no {"level":"info"} [2J\uFFFDevil\uFFFD';
  const refusal = refuse({
    detail: hostile,
    remedy: hostile,
    requestId: `r-${hostile}`,
    facts: { place: hostile, places: [hostile], [`a\n`]: 1, isFinal: true },
  });
  assert.equal(refusal.message, line);
  assert.equal(refusal.remedy, line);
  assert.equal(refusal.requestId, `r-${line}`);
  assert.deepEqual(refusal.facts, { place: line, places: [line], 'a ': 1, isFinal: true });
  assert.equal(refuse({ title: 'a\nb' }).message, 'a b');
});
