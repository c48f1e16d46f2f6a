import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from './errors.ts';
import { describeFailure, formatFailure, formatFailureJson, parseFailureJson } from './failure.ts';

class PortError extends AppError<'PORT_IN_USE'> {}

test('a failure is shown as message, code and remedy', () => {
  const failure = describeFailure(
    new PortError('PORT_IN_USE', 'Port 8443 is taken.', { remedy: 'Choose another.' }),
  );
  assert.equal(formatFailure(failure), 'holdfast: Port 8443 is taken. (PORT_IN_USE)\n  → Choose another.\n');
  assert.equal(
    formatFailure(describeFailure(new PortError('PORT_IN_USE', 'It is taken.'))),
    'holdfast: It is taken. (PORT_IN_USE)\n',
  );
});

test('a defect shows where it came from', () => {
  const text = formatFailure(describeFailure(new TypeError('x is not a function')));
  assert.match(text, /^holdfast: TypeError: x is not a function\n.*failure\.test\.ts/su);
  assert.match(text, /defect of Holdfast/u);
});

test('a failure as JSON is one line that is found again among lines for people', () => {
  const failure = describeFailure(
    new PortError('PORT_IN_USE', 'It is taken.', { remedy: 'Choose another.', facts: { port: 1 } }),
  );
  const line = formatFailureJson(failure);
  assert.deepEqual(JSON.parse(line), { error: failure });
  assert.equal(line.indexOf('\n'), line.length - 1);
  const { code, message, remedy } = failure;
  assert.deepEqual(parseFailureJson(`An administrator has to agree.\n${line}`), { code, message, remedy });
  for (const text of ['', 'oops', '{}', '{"error":1}', '{"error":{"code":1,"message":"x"}}', 'null'])
    assert.equal(parseFailureJson(text), undefined, text);
});
