import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, type Problem } from '@holdfast/api';
import { findThrottleMs } from './throttle.ts';

const nowMs = Date.UTC(2026, 10, 22);

function answer(status: number, facts: Problem['facts']): ApiError {
  const problem: Problem = {
    type: '',
    title: '',
    status,
    code: 'X',
    detail: '',
    requestId: 'r',
    retry: 'safe',
    ...(facts === undefined ? {} : { facts }),
  };
  return new ApiError('X', 'x', status, problem);
}

test('a throttled sign-in says when to try again', () => {
  assert.equal(findThrottleMs(answer(429, { retryAfterMs: 1_500 }), nowMs), 1_500);
  assert.equal(findThrottleMs(answer(429, { retryAfterSeconds: 30 }), nowMs), 30_000);
  assert.equal(findThrottleMs(answer(429, { retryAt: '2026-11-22T00:01:00.000Z' }), nowMs), 60_000);
});

test('a throttled sign-in without a usable time is throttled all the same', () => {
  assert.equal(findThrottleMs(answer(429, undefined), nowMs), 0);
  assert.equal(findThrottleMs(answer(429, { retryAt: 'soon' }), nowMs), 0);
  assert.equal(findThrottleMs(answer(429, { retryAfterMs: -5 }), nowMs), 0);
});

test('any other failure is no throttling', () => {
  assert.equal(findThrottleMs(answer(401, { retryAfterMs: 1_500 }), nowMs), undefined);
  assert.equal(findThrottleMs(new Error('x'), nowMs), undefined);
});
