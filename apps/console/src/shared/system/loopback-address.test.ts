import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopbackAddress } from './loopback-address.ts';

test('names and numbers of the own computer are loopback addresses', () => {
  for (const address of [
    'https://localhost:8443',
    'https://LOCALHOST',
    'https://holdfast.localhost:8443',
    'https://127.0.0.1:8443',
    'https://127.8.9.1',
    'https://[::1]:8443',
    'https://[0:0:0:0:0:0:0:1]:8443',
  ]) {
    assert.ok(isLoopbackAddress(address), address);
  }
});

test('what another computer can reach is none, however it is called', () => {
  for (const address of [
    'https://vm:8443',
    'https://10.0.0.1:8443',
    'https://localhost.example.net:8443',
    'https://127.0.0.1.example.net',
    'https://[::2]:8443',
    'no address',
  ]) {
    assert.ok(!isLoopbackAddress(address), address);
  }
});
