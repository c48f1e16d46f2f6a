import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseServerAddress, isLoopbackAddress, replaceOrigin } from './server-choice.ts';

const known = ['https://vault:8443', 'https://10.0.0.5:8443', 'https://localhost:8443'];

test('the address in use is handed on, also one that the server does not know of itself', () => {
  assert.equal(chooseServerAddress(known, 'https://10.0.0.5:8443'), 'https://10.0.0.5:8443');
  assert.equal(
    chooseServerAddress(known, 'https://behind-a-proxy.example'),
    'https://behind-a-proxy.example',
  );
});

test('an address that only this computer reaches gives way to one for others, where there is one', () => {
  for (const used of ['https://localhost:8443', 'https://127.0.0.1:8443', 'https://[::1]:8443'])
    assert.equal(chooseServerAddress(known, used), 'https://vault:8443');
  assert.equal(chooseServerAddress(['https://127.0.0.1:1'], 'https://localhost:1'), 'https://localhost:1');
});

test('the ways to write "this computer itself" are known, and nothing else is taken for it', () => {
  for (const address of [
    'https://localhost',
    'https://x.localhost:1',
    'https://127.8.9.1',
    'https://[::1]:8443',
  ])
    assert.ok(isLoopbackAddress(address), address);
  for (const address of ['https://localhost.example', 'https://128.0.0.1', 'https://[::2]', 'not an address'])
    assert.ok(!isLoopbackAddress(address), address);
});

test('a link keeps its path and its secret under another address', () => {
  const link = 'https://vault:8443/invitation#secret_-';
  assert.equal(replaceOrigin(link, 'https://10.0.0.5'), 'https://10.0.0.5/invitation#secret_-');
  assert.equal(replaceOrigin('no link', 'https://10.0.0.5'), 'no link');
});
