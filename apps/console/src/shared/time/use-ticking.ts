import { useSyncExternalStore } from 'react';
import { useServices } from '../api/services.ts';

/**
 * A text or number made of the present time. The component renders again only when the value changes, not at
 * every beat.
 */
export function useTicking<Value extends string | number | boolean>(
  valueAt: (nowMs: number) => Value,
): Value {
  const { ticker } = useServices();
  return useSyncExternalStore(ticker.subscribe, () => valueAt(ticker.now()));
}
