import { readLocalStorageValue, useLocalStorage } from '@mantine/hooks';
import { useSession } from '../../shared/session/session-context.ts';
import { parseSavedViews, type SavedView, type ViewChange } from './saved-views.ts';

/** The views of whoever is signed in, in this browser, and what changes them. */
export function useSavedViews(): [readonly SavedView[], (change: ViewChange) => void] {
  const key = `holdfast.device-views.${useSession().id}`;
  const [stored, setStored] = useLocalStorage<unknown>({
    key,
    defaultValue: [],
    getInitialValueInEffect: false,
  });
  // Read anew: an undo may come after other changes, and when the list that offered it is gone.
  const change = (apply: ViewChange): void =>
    setStored(apply(parseSavedViews(readLocalStorageValue<unknown>({ key }))));
  return [parseSavedViews(stored), change];
}
