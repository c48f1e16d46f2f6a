import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialsOf } from './initials.ts';

test('a name is shortened to its first and last word', () => {
  assert.equal(initialsOf('Alex Admin'), 'AA');
  assert.equal(initialsOf('Maria de la Cruz'), 'MC');
  assert.equal(initialsOf('m.tamm'), 'MT');
  assert.equal(initialsOf('admin'), 'A');
  assert.equal(initialsOf('Ōsaka'), 'Ō');
  assert.equal(initialsOf('  '), '?');
});
