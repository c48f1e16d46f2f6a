import assert from 'node:assert/strict';
import {
  type BodyOf,
  type CurrentSession,
  type ParamsOf,
  type Problem,
  type QueryOf,
  type ResponseOf,
  type Route,
  targetOf,
} from '@holdfast/api';
import type { LightMyRequestResponse } from 'fastify';
import { CSRF_HEADER, SESSION_COOKIE } from '../platform/access/authentication.ts';
import type { CallerHeaders } from './test-callers.ts';
import type { TestServer } from './test-server.ts';

/** Parts of one call; what a route does not have is left out. */
export interface CallParts<R extends Route> {
  readonly params?: ParamsOf<R>;
  readonly query?: QueryOf<R>;
  readonly body?: BodyOf<R>;
}

/** One request by its route of the contract. */
export async function send<R extends Route>(
  server: TestServer,
  route: R,
  parts: CallParts<R> = {},
  caller: CallerHeaders = {},
): Promise<LightMyRequestResponse> {
  return await server.call(
    {
      method: route.method,
      url: targetOf(route, parts.params as Record<string, unknown>, parts.query as Record<string, unknown>),
      ...(parts.body === undefined ? {} : { payload: parts.body as object }),
    },
    caller,
  );
}

/** Asserts that the answer is a refusal with this code, and gives its problem. */
export function assertRefused(answer: LightMyRequestResponse, status: number, code: string): Problem {
  assert.equal(answer.statusCode, status, answer.body);
  const problem = answer.json<Problem>();
  assert.equal(problem.code, code, answer.body);
  return problem;
}

/** A browser with the console open: keeps the cookie and sends the CSRF token with writes. */
export class TestBrowser {
  readonly #server: TestServer;
  readonly #remoteAddress: string;
  #cookie: string | undefined;
  #csrfToken: string | undefined;

  constructor(server: TestServer, remoteAddress = '192.0.2.10') {
    this.#server = server;
    this.#remoteAddress = remoteAddress;
  }

  get cookie(): string | undefined {
    return this.#cookie;
  }

  /** What the browser sends by itself. */
  get headers(): CallerHeaders {
    return {
      ...(this.#cookie === undefined ? {} : { cookie: `${SESSION_COOKIE}=${this.#cookie}` }),
      ...(this.#csrfToken === undefined ? {} : { [CSRF_HEADER]: this.#csrfToken }),
    };
  }

  async send<R extends Route>(route: R, parts: CallParts<R> = {}): Promise<LightMyRequestResponse> {
    const answer = await this.#server.call(
      {
        method: route.method,
        url: targetOf(route, parts.params as Record<string, unknown>, parts.query as Record<string, unknown>),
        remoteAddress: this.#remoteAddress,
        ...(parts.body === undefined ? {} : { payload: parts.body as object }),
      },
      this.headers,
    );
    for (const cookie of answer.cookies) {
      if (cookie.name === SESSION_COOKIE) this.#cookie = cookie.value === '' ? undefined : cookie.value;
    }
    if (answer.statusCode === 201 && answer.body.includes('"csrfToken"')) {
      this.#csrfToken = answer.json<CurrentSession>().csrfToken ?? undefined;
    }
    return answer;
  }

  /** Like {@link send}, and asserts success. */
  async call<R extends Route>(route: R, parts: CallParts<R> = {}): Promise<ResponseOf<R>> {
    const answer = await this.send(route, parts);
    assert.equal(answer.statusCode, route.status, answer.body);
    return (answer.body === '' ? null : answer.json()) as ResponseOf<R>;
  }
}
