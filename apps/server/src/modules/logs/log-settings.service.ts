import { LogSettings, type StoredLogSettings } from '@holdfast/api';
import { Check } from 'typebox/value';
import type { Actor } from '../../platform/access/actor.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import { type ReadSetting, SettingDocument, type SettingPlatform } from '../settings/index.ts';

/** A quarter of a year: long enough to look back at an incident, short enough for an ordinary disk. */
export const defaultLogSettings: LogSettings = { retentionDays: 90 };

/** How long entries are kept. Read at need: the job that drops days asks once in a turn. */
export class LogSettingsService {
  readonly #document: SettingDocument<LogSettings>;

  constructor({ platform }: { readonly platform: SettingPlatform }) {
    this.#document = new SettingDocument(platform, {
      key: 'logs',
      parse: (stored) => (Check(LogSettings, stored) ? stored : undefined),
      fallback: defaultLogSettings,
    });
  }

  async current(): Promise<LogSettings> {
    return (await this.#document.load()).value;
  }

  async get(actor: Actor): Promise<StoredLogSettings> {
    return toSettings(await this.#document.get(actor));
  }

  /** @throws SettingError SETTING_REVISION_STALE */
  async update(
    actor: Actor,
    { revision, logs }: { readonly revision: number; readonly logs: LogSettings },
    request: RequestFacts,
  ): Promise<StoredLogSettings> {
    return toSettings(await this.#document.update(actor, { revision, value: logs }, request));
  }
}

function toSettings({ value, ...rest }: ReadSetting<LogSettings>): StoredLogSettings {
  return { ...rest, logs: value };
}
