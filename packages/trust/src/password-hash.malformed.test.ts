import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import { formatPasswordHash, parsePasswordHash } from './password-hash.ts';

const salt = Buffer.alloc(16, 1).toString('base64').replaceAll('=', '');
const hash = Buffer.alloc(32, 2).toString('base64').replaceAll('=', '');
const argon2id = `$argon2id$v=19$m=65536,t=3,p=1$${salt}$${hash}`;
const pbkdf2 = `$pbkdf2-sha256$i=600000$${salt}$${hash}`;

for (const text of [argon2id, pbkdf2]) {
  test(`${text.slice(0, 32)}… is read and written back the same`, () => {
    assert.equal(formatPasswordHash(parsePasswordHash(text)), text);
  });

  test(`${text.slice(0, 32)}… cut anywhere or with something behind it is refused`, () => {
    for (let length = 0; length < text.length; length++) {
      assert.throws(
        () => parsePasswordHash(text.slice(0, length)),
        (error) => hasCode(error, 'PASSWORD_HASH_UNREADABLE'),
      );
    }
    for (const more of ['=', '$', ' ', '\n', 'A'.repeat(300)]) {
      assert.throws(
        () => parsePasswordHash(text + more),
        (error) => hasCode(error, 'PASSWORD_HASH_UNREADABLE'),
        more,
      );
    }
  });
}

const refused = [
  argon2id.replace('argon2id', 'argon2i'),
  argon2id.replace('v=19', 'v=16'),
  argon2id.replace('m=65536', 'm=8191'),
  argon2id.replace('m=65536', 'm=262145'),
  argon2id.replace('m=65536', 'm=065536'),
  argon2id.replace('m=65536', 'm=-1'),
  argon2id.replace('t=3', 't=0'),
  argon2id.replace('t=3', 't=17'),
  argon2id.replace('p=1', 'p=0'),
  argon2id.replace('p=1', 'p=5'),
  argon2id.replace('m=65536,t=3,p=1', 't=3,m=65536,p=1'),
  argon2id.replace('m=65536,t=3,p=1', 'm=65536,t=3,p=1,data=AA'),
  argon2id.replace(salt, salt.slice(0, 20)),
  argon2id.replace(salt, `${salt.slice(0, -1)}B`),
  argon2id.replace(salt, Buffer.alloc(65).toString('base64').replaceAll('=', '')),
  argon2id.replace(hash, hash.slice(0, 40)),
  argon2id.replace(hash, `${hash.slice(0, -1)}B`),
  argon2id.replace('$v', '$ v'),
  ` ${argon2id}`,
  pbkdf2.replace('i=600000', 'i=99999'),
  pbkdf2.replace('i=600000', 'i=10000001'),
  pbkdf2.replace('i=600000', 'i=6e5'),
  pbkdf2.replace('sha256', 'sha1'),
];

for (const text of refused) {
  test(`refuses ${JSON.stringify(text.slice(0, 48))} (${text.length} characters)`, () => {
    assert.throws(
      () => parsePasswordHash(text),
      (error) => hasCode(error, 'PASSWORD_HASH_UNREADABLE'),
    );
  });
}

test('the bounds themselves are taken', () => {
  for (const [from, to] of [
    ['m=65536', 'm=8192'],
    ['m=65536', 'm=262144'],
    ['t=3', 't=16'],
    ['p=1', 'p=4'],
  ] as const) {
    parsePasswordHash(argon2id.replace(from, to));
  }
  for (const to of ['i=100000', 'i=10000000']) parsePasswordHash(pbkdf2.replace('i=600000', to));
});
