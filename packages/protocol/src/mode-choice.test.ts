import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseMode, type ModeEvidence } from './mode-choice.ts';

const nothing: ModeEvidence = {
  pinned: 'automatic',
  listener: 'missing',
  transport: 'https',
  canHold: false,
  hasFreeStream: true,
};

const cases: readonly [string, Partial<ModeEvidence>, string, string][] = [
  ['a product that offers nothing is one-way', {}, 'one-way', 'stream-not-offered'],
  [
    'a listener that answers comes first',
    { listener: 'answered', transport: 'udp-acknowledged', canHold: true },
    'two-way-direct',
    'listener-answered',
  ],
  [
    'datagrams that are answered come before a stream',
    { listener: 'unreachable', transport: 'udp-acknowledged', canHold: true },
    'two-way-udp',
    'udp-answers-arrive',
  ],
  ['plain UDP has no way back', { transport: 'udp', canHold: true }, 'two-way-held', 'stream-offered'],
  ['HTTPS with a stream', { canHold: true }, 'two-way-held', 'stream-offered'],
  ['no place for a stream', { canHold: true, hasFreeStream: false }, 'one-way', 'streams-taken'],
  [
    'pinned to one-way',
    { pinned: 'one-way', listener: 'answered', transport: 'udp-acknowledged', canHold: true },
    'one-way',
    'one-way-pinned',
  ],
  [
    'pinned to direct without a listener, whatever else works',
    { pinned: 'two-way-direct', transport: 'udp-acknowledged', canHold: true },
    'one-way',
    'listener-missing',
  ],
  [
    'pinned to direct with a listener that somebody else answers',
    { pinned: 'two-way-direct', listener: 'unproven' },
    'one-way',
    'listener-unproven',
  ],
  [
    'pinned to direct behind a wall',
    { pinned: 'two-way-direct', listener: 'unreachable' },
    'one-way',
    'listener-unreachable',
  ],
  [
    'pinned to held although datagrams work',
    { pinned: 'two-way-held', transport: 'udp-acknowledged', canHold: true },
    'two-way-held',
    'stream-offered',
  ],
  ['pinned to UDP over HTTPS', { pinned: 'two-way-udp', canHold: true }, 'one-way', 'udp-answers-missing'],
];

for (const [name, evidence, mode, reason] of cases) {
  test(name, () => {
    assert.deepEqual(chooseMode({ ...nothing, ...evidence }), { mode, reason });
  });
}
