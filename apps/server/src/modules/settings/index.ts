/**
 * What administrators can set for the whole server: how often products report, and where they are told to reach it. Promises that a change names
 * the revision it saw, that nonsense is refused, and that the rest of the process hears of a change, at once in this
 * process and within seconds in others. What belongs to a group or a device is no setting but a policy.
 */
import type { CommunicationSettings } from '@holdfast/api';
import { registerErrorStatus } from '../../platform/http/error-status.ts';
import type { Platform } from '../../platform/platform.ts';
import { settingErrorStatus } from './settings.errors.ts';
import { settingsEvents } from './settings.events.ts';
import { registerSettingsRoutes } from './settings.routes.ts';
import { ServerAddressService } from './server-addresses.service.ts';
import { SettingsService } from './settings.service.ts';

export { readServerAddresses } from './server-addresses.service.ts';
export { type ReadSetting, SettingDocument, type SettingPlatform } from './setting-document.service.ts';

export interface SettingsDependencies {
  readonly platform: Pick<
    Platform,
    | 'database'
    | 'clock'
    | 'log'
    | 'events'
    | 'ticks'
    | 'server'
    | 'recordAuditEntry'
    | 'recordEvents'
    | 'registerRoute'
  >;
}

export interface SettingsModule {
  /** Reads the settings; the defaults hold until then. */
  start(): Promise<void>;
  communicationSettings(): CommunicationSettings;
  onCommunicationChange(listener: (settings: CommunicationSettings) => void): void;
  /** Where products are told to reach this server; empty: they keep what they know. */
  serverAddresses(): readonly string[];
  onServerAddressesChange(listener: (addresses: readonly string[]) => void): void;
}

const RELOAD_INTERVAL_MS = 15_000;

export function createSettingsModule({ platform }: SettingsDependencies): SettingsModule {
  const service = new SettingsService({ platform });
  registerErrorStatus(settingErrorStatus);
  platform.events.define(settingsEvents);
  const addresses = new ServerAddressService({ platform, listOwn: platform.server.publicAddresses });
  registerSettingsRoutes(platform, service, addresses);
  return {
    async start() {
      await service.load();
      await addresses.load({ isStart: true });
      platform.ticks.every('settings.reload', RELOAD_INTERVAL_MS, async () => {
        await service.load();
        await addresses.load();
      });
    },
    serverAddresses: () => addresses.addresses,
    onServerAddressesChange: (listener) => addresses.onChange(listener),
    communicationSettings: () => service.communication,
    onCommunicationChange: (listener) => service.onCommunicationChange(listener),
  };
}
