import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiTransportRequest, ApiTransportResponse } from '@holdfast/api';
import { guardTransport } from './guarded-transport.ts';

const request: ApiTransportRequest = {
  method: 'GET',
  target: '/api/v1/groups',
  headers: {},
  body: undefined,
  signal: undefined,
};

async function losesSession(response: ApiTransportResponse, isSignedIn: boolean): Promise<boolean> {
  let isLost = false;
  const transport = guardTransport(
    () => Promise.resolve(response),
    () => isSignedIn,
    () => {
      isLost = true;
    },
  );
  assert.equal(await transport(request), response);
  return isLost;
}

const problem = (status: number, code: string): ApiTransportResponse => ({
  status,
  contentType: 'application/problem+json; charset=utf-8',
  text: JSON.stringify({ code }),
});

test('an answer that the session is over is noticed', async () => {
  assert.equal(await losesSession(problem(401, 'SESSION_EXPIRED'), true), true);
  assert.equal(await losesSession(problem(401, 'NOT_SIGNED_IN'), true), true);
});

test('before signing in, being unknown is no loss', async () => {
  assert.equal(await losesSession(problem(401, 'NOT_SIGNED_IN'), false), false);
});

test('a refused sign-in, a refused permission and success leave the session alone', async () => {
  assert.equal(await losesSession(problem(401, 'SIGN_IN_REFUSED'), true), false);
  assert.equal(await losesSession(problem(403, 'PERMISSION_DENIED'), true), false);
  assert.equal(await losesSession({ status: 200, contentType: 'application/json', text: '{}' }, true), false);
  assert.equal(await losesSession({ status: 401, contentType: 'text/html', text: '<p>' }, true), false);
  assert.equal(await losesSession({ ...problem(401, ''), text: '{' }, true), false);
});
