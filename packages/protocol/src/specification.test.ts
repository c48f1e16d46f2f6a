import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createSecretKey } from 'node:crypto';
import { capabilityVersion } from './capability-version.ts';
import { activityItems } from './datagram/activity-items.ts';
import { DatagramRefusal } from './datagram/datagram.errors.ts';
import { keyOf } from './datagram/datagram-samples.testing.ts';
import { parseEnrolmentToken } from './enrolment-token.ts';
import { limits } from './limits.ts';
import { mcpPath } from './messages/path.ts';
import { mcpProblemStatus } from './messages/problem.ts';
import { TransportReason } from './transport-choice.ts';

const specification = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8');

function section(heading: string): string {
  const start = specification.indexOf(`\n${heading}`);
  assert.notEqual(start, -1, `the specification has no section "${heading}"`);
  const end = specification.indexOf('\n## ', start + 1);
  return specification.slice(start, end === -1 ? undefined : end);
}

test('the specification names every call', () => {
  const calls = section('## 5.');
  for (const path of Object.values(mcpPath)) assert(calls.includes(`${path}\``), path);
});

test('the specification gives every problem code its status', () => {
  const rows = section('## 17.').split('\n');
  for (const [code, status] of Object.entries(mcpProblemStatus)) {
    const row = rows.find((line) => line.startsWith('|') && line.includes(`\`${code}\``));
    assert(row?.includes(`| ${status} |`), code);
  }
});

test('the specification names every refusal of a datagram and every reason of a transport', () => {
  for (const code of Object.values(DatagramRefusal)) assert(section('## 10.').includes(`\`${code}\``), code);
  for (const reason of Object.values(TransportReason))
    assert(section('## 11.').includes(`\`${reason}\``), reason);
});

test('the specification lists every activity item with its length', () => {
  const items = section('## 10.');
  for (const { id, valueBytes } of Object.values(activityItems)) {
    assert.match(items, new RegExp(`^\\| ${id} \\| ${valueBytes} \\|`, 'm'));
  }
});

test('the specification has a dated line for the capability version', () => {
  assert.match(section('## 20.'), new RegExp(`^\\| ${capabilityVersion} \\| \\d{4}-\\d{2}-\\d{2} \\|`, 'm'));
});

test('the examples of the specification are right', () => {
  const token = /^hf1\.\S+$/m.exec(section('## 4.'))?.[0] ?? '';
  assert.deepEqual(parseEnrolmentToken(token).addresses, ['https://server.example:8443']);
  const blocks = [...section('## 10.').matchAll(/^```text\n([^`]+)```$/gm)].map((match) => match[1] ?? '');
  assert.equal(blocks.length, 2);
  const master = createSecretKey(Buffer.from(Array.from({ length: 32 }, (_, index) => index)));
  const [heartbeat, acknowledgement] = blocks.map((block) => {
    const hex = block
      .split('\n')
      .map((line) => line.split(/ {5,}/)[0] ?? '')
      .join('')
      .replaceAll(/\s/g, '');
    return keyOf(42, 3, master).verify(Buffer.from(hex, 'hex'));
  });
  assert.equal(heartbeat?.type, 'heartbeat');
  assert.equal(acknowledgement?.type, 'heartbeat-acknowledgement');
});

test('the limits that people read are those of the code', () => {
  const numbers = [
    limits.maxDatagramBytes,
    limits.maxEnrolmentTokenCharacters,
    limits.maxAssertionCharacters,
    limits.maxSignedRequestCharacters,
    limits.maxReceiptCharacters,
    limits.maxReportDetailCharacters,
  ];
  const text = section('## 18.');
  for (const number of numbers) assert(text.includes(number.toLocaleString('en-US')), String(number));
});
