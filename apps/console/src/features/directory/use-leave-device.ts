import { useNavigate } from '@tanstack/react-router';
import { useListMemory } from './use-list-place.ts';

/** From the page of a device that is gone, back to the list as it was: its group, its filters, its place. */
export function useLeaveDevice(): () => Promise<void> {
  const navigate = useNavigate();
  const memory = useListMemory();
  // The page of a device that is not there any more is not a place to come back to.
  return () => navigate({ to: '/directory', search: memory.place?.search ?? {}, replace: true });
}
