import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type InstanceVerdict, judgeInstance, type KnownInstance } from './instance-judgement.ts';

const HOUR_MS = 3_600_000;

const known = (instance: string, epoch: number, more: Partial<KnownInstance> = {}): KnownInstance => ({
  instance,
  isRefused: false,
  hardwareId: 'own',
  firstEpoch: epoch,
  lastEpoch: epoch,
  challengedAtMs: epoch * 1_000_000,
  firstSeenAtMs: epoch * 1_000_000,
  ...more,
});

interface Case {
  readonly known: readonly KnownInstance[];
  readonly instance: string;
  readonly hardwareId?: string | null;
  readonly recordHardwareId?: string | null;
  readonly challengedAtMs?: number;
  readonly nowMs?: number;
}

const judge = ({ known: all, instance, ...more }: Case): InstanceVerdict =>
  judgeInstance(
    all,
    {
      instance,
      hardwareId: more.hardwareId === undefined ? 'own' : more.hardwareId,
      challengedAtMs: more.challengedAtMs ?? 90_000_000,
    },
    {
      hardwareId: more.recordHardwareId === undefined ? 'own' : more.recordHardwareId,
      nowMs: more.nowMs ?? 90_000_000,
    },
  );

test('a restart takes the place of the start before it, however often', () => {
  assert.equal(judge({ known: [], instance: 'a' }).kind, 'admitted');
  assert.equal(judge({ known: [known('a', 1)], instance: 'b' }).kind, 'admitted');
  assert.equal(judge({ known: [known('a', 1), known('b', 2)], instance: 'c' }).kind, 'admitted');
  assert.equal(judge({ known: [known('a', 1), known('b', 2)], instance: 'b' }).kind, 'admitted');
});

test('of two with hardware of their own, the one of the record stays, whichever comes back', () => {
  const original = known('a', 1);
  const copy = known('b', 2, { hardwareId: 'other' });
  assert.deepEqual(judge({ known: [original, copy], instance: 'a' }), {
    kind: 'admitted-instead',
    refused: 'b',
  });
  const back = known('a', 3, { firstEpoch: 1 });
  assert.deepEqual(judge({ known: [back, copy], instance: 'b', hardwareId: 'other' }), {
    kind: 'refused',
    isNews: true,
  });
});

test('where the hardware tells nothing, the later comer is refused', () => {
  for (const hardwareId of ['own', 'foreign', null]) {
    const pair = [known('a', 1, { hardwareId }), known('b', 2, { hardwareId })];
    assert.deepEqual(judge({ known: pair, instance: 'a', hardwareId }), {
      kind: 'admitted-instead',
      refused: 'b',
    });
    const back = [known('a', 3, { firstEpoch: 1, hardwareId }), known('b', 2, { hardwareId })];
    assert.deepEqual(judge({ known: back, instance: 'b', hardwareId }), { kind: 'refused', isNews: true });
  }
});

test('who was refused stays refused, also after a restart where its hardware gives it away', () => {
  const pair = [known('a', 3), known('b', 2, { isRefused: true, hardwareId: 'other' })];
  assert.deepEqual(judge({ known: pair, instance: 'b', hardwareId: 'other' }), {
    kind: 'refused',
    isNews: false,
  });
  assert.deepEqual(judge({ known: pair, instance: 'c', hardwareId: 'other' }), {
    kind: 'refused',
    isNews: false,
  });
  assert.equal(judge({ known: pair, instance: 'c' }).kind, 'admitted', 'a restart of the original');
});

test('a copy with the hardware of the record does not lock out restarts of the original', () => {
  const pair = [known('a', 3), known('b', 2, { isRefused: true })];
  assert.equal(judge({ known: pair, instance: 'c' }).kind, 'admitted');
});

test('a request of a start that is over, overtaken by the next start, is no second computer', () => {
  const inPlace = known('b', 2, { challengedAtMs: 50_000_000 });
  const old = known('a', 1);
  const late = { known: [old, inPlace], challengedAtMs: 49_999_000 };
  assert.equal(judge({ ...late, instance: 'a' }).kind, 'late');
  assert.equal(judge({ ...late, instance: 'z' }).kind, 'late');
  // A clock that was set back is no reason to refuse a restart.
  assert.equal(judge({ known: [old, inPlace], instance: 'z', challengedAtMs: 40_000_000 }).kind, 'admitted');
});

test('new hardware becomes that of the record after a day alone, and not before', () => {
  const only = [known('b', 2, { hardwareId: 'new', firstSeenAtMs: 0 })];
  const ask = { known: only, instance: 'b', hardwareId: 'new' };
  assert.deepEqual(judge({ ...ask, nowMs: 23 * HOUR_MS }), { kind: 'admitted', isHardwareNew: false });
  assert.deepEqual(judge({ ...ask, nowMs: 24 * HOUR_MS }), { kind: 'admitted', isHardwareNew: true });
});

test('of two that take turns in any order, one is admitted for good and the other refused for good', () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { minLength: 4, maxLength: 40 }),
      fc.constantFrom('own', 'foreign', null),
      fc.constantFrom('own', 'foreign', null),
      (turns, firstHardware, secondHardware) => {
        let all: KnownInstance[] = [];
        const refusedEver = new Set<string>();
        turns.forEach((isFirst, index) => {
          const instance = isFirst ? 'first' : 'second';
          const hardwareId = isFirst ? firstHardware : secondHardware;
          const epoch = index + 1;
          const verdict = judge({ known: all, instance, hardwareId, challengedAtMs: epoch * 1_000_000 });
          if (refusedEver.has(instance)) assert.equal(verdict.kind, 'refused');
          if (verdict.kind === 'admitted-instead') refusedEver.add(verdict.refused);
          if (verdict.kind === 'refused') refusedEver.add(instance);
          const own = all.find((it) => it.instance === instance);
          const firstEpoch = own?.firstEpoch ?? epoch;
          const isRefused = refusedEver.has(instance);
          const lastEpoch = isRefused ? (own?.lastEpoch ?? 0) : epoch;
          const written = known(instance, epoch, { hardwareId, firstEpoch, lastEpoch, isRefused });
          all = [...all.filter((it) => it.instance !== instance), written].map((it) => ({
            ...it,
            isRefused: refusedEver.has(it.instance),
          }));
          assert.ok(refusedEver.size <= 1);
        });
        // The third turn of two that take turns tells at the latest.
        const changes = turns.filter((turn, index) => index > 0 && turn !== turns[index - 1]).length;
        assert.equal(refusedEver.size, changes >= 2 ? 1 : 0);
      },
    ),
  );
});
