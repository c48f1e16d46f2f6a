/** Knows whether the session ended while the console was open; the shell then asks to sign in again on the spot. */
export interface SessionGuard {
  readonly isExpired: () => boolean;
  readonly subscribe: (listener: () => void) => () => void;
  readonly expire: () => void;
  readonly restore: () => void;
}

export function createSessionGuard(): SessionGuard {
  let isExpired = false;
  const listeners = new Set<() => void>();
  const set = (next: boolean): void => {
    if (isExpired === next) return;
    isExpired = next;
    for (const listener of listeners) listener();
  };
  return {
    isExpired: () => isExpired,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    expire: () => set(true),
    restore: () => set(false),
  };
}
