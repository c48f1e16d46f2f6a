import assert from 'node:assert/strict';
import { test } from 'node:test';
import { McpClientError, McpProblem } from '@holdfast/protocol';
import { classifyFailure } from './call-failure.ts';

const problem = (code: string, status: number, retry: 'safe' | 'never' = 'never') =>
  new McpProblem('', { code, status, retry });

test('failures are told apart by what has to be done about them', () => {
  const table: readonly [unknown, string][] = [
    [new McpClientError('SERVER_UNREACHABLE', '', { retry: 'safe' }), 'unreachable'],
    [new McpClientError('SERVER_CERTIFICATE_INVALID', '', { retry: 'safe' }), 'unreachable'],
    [new McpClientError('HANDSHAKE_MISSING', '', { retry: 'safe' }), 'access-expired'],
    [problem('ACCESS_TOKEN_EXPIRED', 401), 'access-expired'],
    [problem('ACCESS_TOKEN_INVALID', 401), 'access-expired'],
    [problem('PRODUCT_UNKNOWN', 404), 'unknown-product'],
    [problem('PRODUCT_DISABLED', 403), 'disabled'],
    [problem('SERVER_BUSY', 503, 'safe'), 'unreachable'],
    [problem('CHALLENGE_INVALID', 401), 'unreachable'],
    [problem('HEARTBEAT_INVALID', 400), 'refused'],
    [problem('OF_A_LATER_VERSION', 400), 'refused'],
    [new TypeError('a fault of the agent'), 'unreachable'],
  ];
  for (const [error, failure] of table) assert.equal(classifyFailure(error).failure, failure);
});

test('a wait that the server asks for is passed on', () => {
  const error = new McpProblem('', { code: 'SERVER_BUSY', status: 503, retry: 'safe', retryAfterMs: 7_000 });
  assert.equal(classifyFailure(error).retryAfterMs, 7_000);
});
