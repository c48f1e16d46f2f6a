import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkPasswordStrength, MIN_PASSWORD_CHARACTERS } from './password-strength.ts';

const refused = [
  ['a common word with a year and a sign', 'Password2026!'],
  ['the word of the season', 'Summer2026!!'],
  ['the same word twice', 'Winter2026Winter'],
  ['leet spelling', 'P@ssw0rd!2026'],
  ['a row of keys', 'qwertyuiop12'],
  ['a walk over the keyboard', 'qazwsxedc1234'],
  ['repeated characters', 'aaaaaaaaaaaaaaaa'],
  ['repeated parts', 'abcabcabcabcabc'],
  ['a sequence', '123456789012'],
  ['the name of the account', 'alice.example2026'],
  ['the display name', 'AliceExample!!1'],
  ['the product and a role', 'holdfast-admin-1'],
  ['too short, however unpredictable', 'x9#Kq2!vLm'],
  ['empty', ''],
] as const;

for (const [why, password] of refused) {
  test(`a new password is refused when it is: ${why}`, () => {
    const strength = checkPasswordStrength(password, ['alice.example', 'Alice Example']);
    assert.equal(strength.isAccepted, false);
    assert.ok(strength.hints.length > 0, 'it says what to do');
  });
}

for (const password of [
  'correct horse battery staple',
  'blau kiste regen sieben',
  'gnzqwhtrklmp',
  'ночь улица фонарь',
  'MyDogEatsPizza on rainy days',
  '74920385617492038561',
]) {
  test(`a long unpredictable password is accepted without rules about kinds of characters: ${password}`, () => {
    const strength = checkPasswordStrength(password);
    assert.deepEqual({ accepted: strength.isAccepted, hints: strength.hints }, { accepted: true, hints: [] });
  });
}

test('length is counted in characters, not in code units', () => {
  const elevenSigns = '🦊🌲🚲🎻🧭🪁🍋🧱🦉🪐🧶';
  assert.equal([...elevenSigns].length, MIN_PASSWORD_CHARACTERS - 1);
  assert.equal(checkPasswordStrength(elevenSigns).isAccepted, false);
});

test('any text gets an answer in bounded time', () => {
  const startedAt = performance.now();
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 1_024 }), (password) => {
      const strength = checkPasswordStrength(password, [password.slice(0, 64)]);
      assert.ok(strength.score >= 0 && strength.score <= 4);
    }),
    { numRuns: 60 },
  );
  for (const part of ['a', 'p@$$w0rd', '4@8({[<3€6&9#!|1', 'abcdefgh12345678!@#']) {
    checkPasswordStrength(part.repeat(1_024).slice(0, 1_024));
  }
  // Sixty-four estimates of some milliseconds each, with room for a busy machine.
  assert.ok(performance.now() - startedAt < 10_000);
});
