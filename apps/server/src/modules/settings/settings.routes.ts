import {
  getServerAddresses,
  getSettings,
  updateCommunicationSettings,
  updateServerAddresses,
} from '@holdfast/api';
import type { Platform } from '../../platform/platform.ts';
import type { ServerAddressService } from './server-addresses.service.ts';
import type { SettingsService } from './settings.service.ts';

export function registerSettingsRoutes(
  { registerRoute }: Pick<Platform, 'registerRoute'>,
  service: SettingsService,
  addresses: ServerAddressService,
): void {
  registerRoute(getServerAddresses, async ({ actor }) => await addresses.get(actor));
  registerRoute(
    updateServerAddresses,
    async ({ actor, body, request }) => await addresses.update(actor, body, request),
  );
  registerRoute(getSettings, async ({ actor }) => await service.get(actor));
  registerRoute(
    updateCommunicationSettings,
    async ({ actor, body, request }) => await service.updateCommunication(actor, body, request),
  );
}
