import { getGroupCommunication, updateGroupCommunication } from '@holdfast/api';
import type { Platform } from '../../platform/platform.ts';
import type { CommunicationService } from './communication.service.ts';

export function registerCommunicationRoutes(
  { registerRoute }: Pick<Platform, 'registerRoute'>,
  service: CommunicationService,
): void {
  registerRoute(getGroupCommunication, async ({ actor, params }) => await service.get(actor, params.groupId));
  registerRoute(
    updateGroupCommunication,
    async ({ actor, params, body, request }) => await service.update(actor, params.groupId, body, request),
  );
}
