import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpError } from './http.errors.ts';
import { parseQuerySpan } from './query-instant.ts';

test('a span of time is read from its two ends, each of which may be open', () => {
  assert.deepEqual(parseQuerySpan({}), { from: undefined, to: undefined });
  assert.deepEqual(parseQuerySpan({ from: '1970-01-01T00:00:00Z', to: '2026-11-22T08:00:00.123456Z' }), {
    from: new Date(0),
    to: new Date('2026-11-22T08:00:00.123Z'),
  });
});

for (const text of [
  '',
  'yesterday',
  '2026-11-22',
  '2026-11-22 08:00:00Z',
  '2026-11-22T08:00:00',
  '2026-11-22T08:00:00+01:00',
  '2026-13-22T08:00:00Z',
  '2026-11-22T25:00:00Z',
  '1969-12-31T23:59:59Z',
  '0000-01-01T00:00:00Z',
]) {
  test(`${JSON.stringify(text)} is no instant, and the refusal names the parameter`, () => {
    assert.throws(
      () => parseQuerySpan({ to: text }),
      (error: unknown) =>
        error instanceof HttpError &&
        error.code === 'REQUEST_INVALID' &&
        error.fields[0]?.path === 'query.to' &&
        error.message.startsWith('The query of the request is not valid: query.to must be an instant like '),
    );
  });
}
