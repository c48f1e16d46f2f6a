import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PasswordCaller, PasswordQueue } from './password-queue.ts';

const caller = (
  lane: PasswordCaller['lane'],
  network: string,
  isWanted: () => boolean = () => true,
): PasswordCaller => ({ lane, network, isWanted });

type Outcome = 'inside' | 'turned away' | 'waits';

/** Enters and says what became of it, as far as that is settled by now. */
async function enter(queue: PasswordQueue, who: PasswordCaller) {
  const entry = { outcome: 'waits' as Outcome, leave: () => {} };
  void queue.enter(who).then((leave) => {
    entry.outcome = leave === undefined ? 'turned away' : 'inside';
    if (leave !== undefined) entry.leave = leave;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return entry;
}

const settled = async () => await new Promise((resolve) => setImmediate(resolve));

test('strangers run one at a time and fill a short queue; a known caller goes in beside them at once', async () => {
  const queue = new PasswordQueue();
  const outcomes: Outcome[] = [];
  for (let index = 0; index < 40; index += 1) {
    outcomes.push((await enter(queue, caller('stranger', `192.0.2.${index}`))).outcome);
  }
  assert.equal(outcomes.filter((outcome) => outcome === 'inside').length, 1);
  assert.equal(outcomes.filter((outcome) => outcome === 'waits').length, 8);
  assert.equal(outcomes.filter((outcome) => outcome === 'turned away').length, 31);
  assert.equal((await enter(queue, caller('known', '198.51.100.1'))).outcome, 'inside');
});

test('a known caller who comes last goes before strangers who wait', async () => {
  const queue = new PasswordQueue();
  const stranger = await enter(queue, caller('stranger', 'a'));
  const next = await enter(queue, caller('stranger', 'b'));
  const first = await enter(queue, caller('known', 'c'));
  const second = await enter(queue, caller('known', 'd'));
  assert.deepEqual([first.outcome, second.outcome, next.outcome], ['inside', 'waits', 'waits']);
  stranger.leave();
  stranger.leave();
  await settled();
  assert.deepEqual([second.outcome, next.outcome], ['inside', 'waits']);
  first.leave();
  await settled();
  assert.equal(next.outcome, 'inside');
});

test('one network has two waiting strangers at most, whatever room there is', async () => {
  const queue = new PasswordQueue();
  const outcomes: Outcome[] = [];
  for (let index = 0; index < 4; index += 1) {
    outcomes.push((await enter(queue, caller('stranger', 'one'))).outcome);
  }
  assert.deepEqual(outcomes, ['inside', 'waits', 'waits', 'turned away']);
  assert.equal((await enter(queue, caller('stranger', 'other'))).outcome, 'waits');
});

test('nobody works for a caller who has gone, and the place in the queue is free', async () => {
  const queue = new PasswordQueue();
  let isWanted = true;
  const running = await enter(queue, caller('stranger', 'one'));
  const gone = [
    await enter(
      queue,
      caller('stranger', 'one', () => isWanted),
    ),
    await enter(
      queue,
      caller('stranger', 'one', () => isWanted),
    ),
  ];
  isWanted = false;
  const patient = await enter(queue, caller('stranger', 'one'));
  assert.deepEqual(
    [...gone, patient].map((it) => it.outcome),
    ['turned away', 'turned away', 'waits'],
  );
  running.leave();
  await settled();
  assert.equal(patient.outcome, 'inside');
});
