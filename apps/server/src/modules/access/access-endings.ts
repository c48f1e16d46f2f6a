/** A session or an API key that proves nobody any more. */
export interface AccessEnding {
  readonly kind: 'session' | 'api-key';
  readonly id: string;
}

/** Tells open streams at once that their caller's access has ended or changed. Within this process; others check again within seconds. */
export class AccessEndings {
  readonly #listeners = new Set<(ending: AccessEnding) => void>();
  readonly #changeListeners = new Set<() => void>();

  subscribe(listener: (ending: AccessEnding) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  subscribeChanges(listener: () => void): () => void {
    this.#changeListeners.add(listener);
    return () => void this.#changeListeners.delete(listener);
  }

  /** The rights of some callers have changed. Called after the commit, never before. */
  publishChange(): void {
    for (const listener of this.#changeListeners) listener();
  }

  /** After the commit, never before. */
  publish(kind: AccessEnding['kind'], ids: readonly string[]): void {
    for (const id of ids) for (const listener of this.#listeners) listener({ kind, id });
  }
}
