import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatementNames } from './statement-names.ts';

test('a statement has a name from its fifth use on, always the same and its own', () => {
  const names = new StatementNames();
  const ask = (text: string): (string | undefined)[] => Array.from({ length: 6 }, () => names.nameOf(text));
  const [first, second] = [ask('select 1'), ask('select 2')];
  assert.deepEqual(first.slice(0, 4), [undefined, undefined, undefined, undefined]);
  assert.ok(first[4] !== undefined && first[4] === first[5]);
  assert.notEqual(second[5], first[5]);
});

test('names and counted texts are bounded, and what has a name keeps it', () => {
  const names = new StatementNames({ maxNames: 2, maxCounted: 3 });
  const use = (text: string): string | undefined => {
    let name: string | undefined;
    for (let uses = 0; uses < 6; uses += 1) name = names.nameOf(text);
    return name;
  };
  // Texts that come once fill what is counted, and keep nobody else from a name.
  for (const text of ['u', 'v', 'w', 'x', 'y']) assert.equal(names.nameOf(text), undefined);
  assert.ok(use('a') !== undefined);
  assert.ok(use('d') !== undefined);
  assert.equal(use('e'), undefined);
  assert.equal(use('a'), 'h1');
});
