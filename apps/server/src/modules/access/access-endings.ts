/** A session or an API key that proves nobody any more. */
export interface AccessEnding {
  readonly kind: 'session' | 'api-key';
  readonly id: string;
}

/** Tells open streams at once that their caller's access is over. Within this process; others ask again in seconds. */
export class AccessEndings {
  readonly #listeners = new Set<(ending: AccessEnding) => void>();

  subscribe(listener: (ending: AccessEnding) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** After the commit, never before. */
  publish(kind: AccessEnding['kind'], ids: readonly string[]): void {
    for (const id of ids) for (const listener of this.#listeners) listener({ kind, id });
  }
}
