import { getSettings, updateCommunicationSettings } from '@holdfast/api';
import type { Platform } from '../../platform/platform.ts';
import type { SettingsService } from './settings.service.ts';

export function registerSettingsRoutes(
  { registerRoute }: Pick<Platform, 'registerRoute'>,
  service: SettingsService,
): void {
  registerRoute(getSettings, async ({ actor }) => await service.get(actor));
  registerRoute(
    updateCommunicationSettings,
    async ({ actor, body, request }) => await service.updateCommunication(actor, body, request),
  );
}
