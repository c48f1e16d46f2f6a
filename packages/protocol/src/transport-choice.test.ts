import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseTransport } from './transport-choice.ts';

const all = { serverTakesDatagrams: true, probesSeen: 3, probesSent: 3, acknowledged: true };

const table = [
  { name: 'both directions seen', evidence: all, transport: 'udp-acknowledged' },
  { name: 'one probe of three seen', evidence: { ...all, probesSeen: 1 }, transport: 'udp-acknowledged' },
  { name: 'inward only', evidence: { ...all, acknowledged: false }, transport: 'udp' },
  { name: 'nothing seen', evidence: { ...all, probesSeen: 0, acknowledged: false }, transport: 'https' },
  {
    name: 'an acknowledgement claimed that was never sent',
    evidence: { ...all, probesSeen: 0 },
    transport: 'https',
  },
  { name: 'none sent', evidence: { ...all, probesSent: 0 }, transport: 'https' },
  {
    name: 'no datagrams at the server',
    evidence: { ...all, serverTakesDatagrams: false },
    transport: 'https',
  },
  { name: 'a count that is no number', evidence: { ...all, probesSeen: Number.NaN }, transport: 'https' },
] as const;

for (const { name, evidence, transport } of table) {
  test(`${name}: ${transport}`, () => assert.equal(chooseTransport(evidence).transport, transport));
}

test('each outcome has its own reason', () => {
  assert.equal(chooseTransport(all).reason, 'both-directions-seen');
  assert.equal(chooseTransport({ ...all, acknowledged: false }).reason, 'inward-only');
  assert.equal(chooseTransport({ ...all, probesSeen: 0 }).reason, 'no-probe-arrived');
  assert.equal(chooseTransport({ ...all, probesSent: 0 }).reason, 'product-sent-none');
  assert.equal(chooseTransport({ ...all, serverTakesDatagrams: false }).reason, 'server-takes-none');
});
