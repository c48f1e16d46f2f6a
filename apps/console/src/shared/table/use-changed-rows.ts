import { useCallback, useEffect, useRef, useState } from 'react';

const shownMs = 1_300;

/** Rows that changed just now, for about a second. */
export function useChangedRows(): {
  readonly changedIds: ReadonlySet<string>;
  readonly mark: (ids: readonly string[]) => void;
} {
  const [changedIds, setChangedIds] = useState<ReadonlySet<string>>(new Set());
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>());
  useEffect(() => {
    const pending = timers.current;
    return () => {
      for (const timer of pending) clearTimeout(timer);
    };
  }, []);
  const mark = useCallback((ids: readonly string[]) => {
    if (ids.length === 0) return;
    setChangedIds((before) => new Set([...before, ...ids]));
    const timer = setTimeout(() => {
      timers.current.delete(timer);
      setChangedIds((before) => new Set([...before].filter((id) => !ids.includes(id))));
    }, shownMs);
    timers.current.add(timer);
  }, []);
  return { changedIds, mark };
}
