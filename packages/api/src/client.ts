import { AppError } from '@holdfast/kernel';
import { problemContentType, type Problem } from './problem.ts';
import type { BodyOf, ParamsOf, QueryOf, ResponseOf, Route } from './route.ts';

export type ApiErrorCode = string;

/** An answer of the server that is not success, or no answer at all (`SERVER_NOT_REACHABLE`). */
export class ApiError extends AppError<ApiErrorCode> {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly problem: Problem | undefined;

  constructor(code: ApiErrorCode, message: string, status: number, problem?: Problem, cause?: unknown) {
    super(code, message, {
      ...(problem === undefined ? {} : { retry: problem.retry }),
      ...(problem?.remedy === undefined ? {} : { remedy: problem.remedy }),
      ...(cause === undefined ? {} : { cause }),
    });
    this.status = status;
    this.problem = problem;
  }
}

/** Parts of a request; those that a route does not have may be left out. */
export type CallInput<R extends Route> = (keyof ParamsOf<R> extends never
  ? { params?: undefined }
  : { params: ParamsOf<R> }) & {
  query?: QueryOf<R>;
} & (BodyOf<R> extends undefined ? { body?: undefined } : { body: BodyOf<R> }) & { signal?: AbortSignal };

export interface ApiTransportRequest {
  readonly method: string;
  /** Path and query, e.g. `/api/v1/groups?x=1`. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
}
export interface ApiTransportResponse {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}
/** One HTTP exchange. Browsers use fetch; the command line uses https with the pinned authority. */
export type ApiTransport = (request: ApiTransportRequest) => Promise<ApiTransportResponse>;

export interface ApiClient {
  call<R extends Route>(route: R, input: CallInput<R>): Promise<ResponseOf<R>>;
}

/** Fills the parameters of a route's path and appends the query; values are percent-encoded. */
export function targetOf(
  route: Route,
  params: Record<string, unknown> = {},
  query: Record<string, unknown> = {},
): string {
  const path = route.path.replace(/:([A-Za-z]+)/g, (_, name: string) =>
    encodeURIComponent(String(params[name])),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    for (const item of Array.isArray(value) ? value : [value]) search.append(name, String(item));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** The typed client over a transport. `headers` is asked for each call, e.g. for the CSRF token. */
export function createApiClient(
  transport: ApiTransport,
  headers: () => Record<string, string> = () => ({}),
): ApiClient {
  return {
    async call(route, input) {
      const hasBody = input.body !== undefined;
      const response = await transport({
        method: route.method,
        target: targetOf(
          route,
          input.params as Record<string, unknown> | undefined,
          input.query as Record<string, unknown> | undefined,
        ),
        headers: {
          accept: 'application/json',
          ...(hasBody ? { 'content-type': 'application/json' } : {}),
          ...headers(),
        },
        body: hasBody ? JSON.stringify(input.body) : undefined,
        signal: input.signal,
      }).catch((cause: unknown) => {
        throw new ApiError('SERVER_NOT_REACHABLE', 'The server does not answer.', 0, undefined, cause);
      });
      if (response.status >= 200 && response.status < 300) {
        return (response.text === '' ? null : JSON.parse(response.text)) as ResponseOf<typeof route>;
      }
      throw toApiError(response);
    },
  };
}

function toApiError(response: ApiTransportResponse): ApiError {
  if (response.contentType.startsWith(problemContentType)) {
    try {
      const problem = JSON.parse(response.text) as Problem;
      return new ApiError(problem.code, problem.detail, response.status, problem);
    } catch {
      // Falls through: an answer that claims to be a problem and is not JSON says no more than its status.
    }
  }
  return new ApiError(
    'UNEXPECTED_ANSWER',
    `The server answered with status ${response.status}.`,
    response.status,
  );
}
