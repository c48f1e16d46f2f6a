import assert from 'node:assert/strict';
import {
  type BodyOf,
  type ParamsOf,
  type QueryOf,
  type ResponseOf,
  type Route,
  targetOf,
} from '@holdfast/api';
import type { CallerHeaders } from './test-callers.ts';
import type { TestServer } from './test-server.ts';

export interface ApiCallInput<R extends Route> {
  readonly params?: ParamsOf<R>;
  readonly query?: QueryOf<R>;
  readonly body?: BodyOf<R>;
  /** Everything unless told. */
  readonly as?: CallerHeaders;
}

/** Calls a route of the contract; anything but success fails the test. */
export async function callApi<R extends Route>(
  server: TestServer,
  route: R,
  input: ApiCallInput<R> = {},
): Promise<ResponseOf<R>> {
  const answer = await callRaw(server, route, input);
  assert.equal(answer.statusCode, route.status, answer.body);
  return (answer.body === '' ? null : answer.json()) as ResponseOf<R>;
}

/** Calls a route that must refuse. @returns the code of the problem */
export async function refusalOf<R extends Route>(
  server: TestServer,
  route: R,
  input: ApiCallInput<R> = {},
): Promise<string> {
  const answer = await callRaw(server, route, input);
  assert.ok(answer.statusCode >= 400, `expected a refusal, got ${answer.statusCode} ${answer.body}`);
  const problem = answer.json<{ code: string; detail: string; status: number }>();
  assert.equal(problem.status, answer.statusCode);
  return problem.code;
}

function callRaw<R extends Route>(server: TestServer, route: R, input: ApiCallInput<R>) {
  const url = targetOf(
    route,
    input.params as Record<string, unknown>,
    input.query as Record<string, unknown>,
  );
  return server.call(
    { method: route.method, url, ...(input.body === undefined ? {} : { payload: input.body as object }) },
    input.as ?? server.actAs(),
  );
}
