import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { sql } from 'kysely';
import { pino } from 'pino';
import { createTestClock, type TestClock } from './test-clock.ts';
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts';
import { ClockWitness } from './clock-witness.store.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;
const log = pino({ level: 'silent' });

let database: TestDatabase;
before(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  await sql`delete from setting`.execute(database.db);
});
after(() => database.close());

function createWitness(clock: TestClock): ClockWitness {
  return new ClockWitness({ database: database.db, clock, log });
}

/** Asked every hour, as the jobs do, for so many hours. @returns each answer */
async function ask(witness: ClockWitness, clock: TestClock, hours: number): Promise<boolean[]> {
  const answers: boolean[] = [];
  for (let hour = 0; hour < hours; hour += 1) {
    clock.advance(HOUR_MS);
    answers.push(await witness.isBelievable());
  }
  return answers;
}

test('a clock that leaps is believed after it has gone evenly for a day', async () => {
  const clock = createTestClock();
  const witness = createWitness(clock);
  assert.deepEqual(await ask(witness, clock, 2), [true, true]);
  clock.jump(YEAR_MS);
  const answers = await ask(witness, clock, 26);
  assert.deepEqual([answers.indexOf(true), answers.slice(24)], [24, [true, true]]);
});

test('each leap begins a day of its own, also one to where the clock had been already', async () => {
  const clock = createTestClock();
  const witness = createWitness(clock);
  await ask(witness, clock, 1);
  clock.jump(YEAR_MS);
  assert.deepEqual(await ask(witness, clock, 1), [false]);
  clock.jump(-YEAR_MS);
  assert.deepEqual(await ask(witness, clock, 1), [true], 'back where it was');
  await ask(witness, clock, 30);
  clock.jump(YEAR_MS);
  const answers = await ask(witness, clock, 25);
  assert.equal(answers.indexOf(true), 24);
});

test('a leap during the day after a leap begins that day anew', async () => {
  const clock = createTestClock();
  const witness = createWitness(clock);
  await ask(witness, clock, 1);
  clock.jump(YEAR_MS);
  await ask(witness, clock, 20);
  clock.jump(YEAR_MS);
  const answers = await ask(witness, clock, 25);
  assert.equal(answers.indexOf(true), 24);
});

test('a restart with a clock that had leapt makes the leap no more believable, and one with a good clock is believed at once', async () => {
  const clock = createTestClock();
  await ask(createWitness(clock), clock, 1);
  clock.jump(YEAR_MS);
  const answers = await ask(createWitness(clock), clock, 25);
  assert.ok(answers.indexOf(true) >= 23, `${answers.indexOf(true)} hours`);
  assert.deepEqual(await ask(createWitness(clock), clock, 1), [true]);
});

test('two that ask at once for the first time, long after the start, get the same answer', async () => {
  const clock = createTestClock();
  const witness = createWitness(clock);
  clock.advance(92 * DAY_MS);
  const ask2 = async () => await Promise.all([witness.isBelievable(), witness.isBelievable()]);
  assert.deepEqual(
    [await ask2(), await ask2()],
    [
      [true, true],
      [true, true],
    ],
  );
});
