/** An answer that is not success, as the real server words it. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly remedy: string | undefined;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    detail: string,
    options: { remedy?: string; facts?: Record<string, unknown> } = {},
  ) {
    super(detail);
    this.status = status;
    this.code = code;
    this.remedy = options.remedy;
    this.facts = options.facts ?? {};
  }
}

export function notFound(): Refusal {
  return new Refusal(404, 'NOT_FOUND', 'There is no such object.');
}
