import { useQueryClient } from '@tanstack/react-query';
import { useServices } from '../../shared/api/services.ts';
import { groupsKey } from '../../shared/groups/groups-query.ts';
import { useLiveEvents } from '../../shared/live/use-live-events.ts';
import { tagsKey } from '../../shared/tags/tags-query.ts';
import { waitingKey } from '../../shared/waiting/waiting-query.ts';

/** What every page needs of the live stream; pages listen for their own objects besides. */
export function useServerEvents(): void {
  const queryClient = useQueryClient();
  const { ticker } = useServices();
  useLiveEvents((events) => {
    const stale = new Set<string>();
    for (const event of events) {
      switch (event.type) {
        case 'hello':
          ticker.setServerTime(Date.parse(event.serverTimeAt));
          // After a gap nothing shown can be trusted to be new.
          stale.add('everything');
          break;
        case 'refresh':
          stale.add('everything');
          break;
        case 'groups':
          stale.add(groupsKey[0]);
          stale.add('directory-summary');
          break;
        case 'waiting-registrations':
          stale.add(waitingKey[0]);
          break;
        case 'tags':
          stale.add(tagsKey[0]);
          if (event.areDevicesConcerned) for (const key of ['devices', 'device']) stale.add(key);
          break;
        case 'enrolment-tokens':
        case 'settings':
        case 'jobs':
        case 'components':
          stale.add(event.type);
          break;
        default:
          break;
      }
    }
    if (stale.has('everything')) {
      void queryClient.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
      return;
    }
    for (const key of stale) void queryClient.invalidateQueries({ queryKey: [key] });
  });
}
