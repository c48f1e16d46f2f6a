import { useLocalStorage } from '@mantine/hooks';
import { useSession } from '../../shared/session/session-context.ts';
import { parseSavedViews, type SavedView } from './saved-views.ts';

/** The views of whoever is signed in, in this browser. */
export function useSavedViews(): [readonly SavedView[], (views: readonly SavedView[]) => void] {
  const [stored, setStored] = useLocalStorage<unknown>({
    key: `holdfast.device-views.${useSession().id}`,
    defaultValue: [],
    getInitialValueInEffect: false,
  });
  return [parseSavedViews(stored), setStored];
}
