import { LogSettings, type StoredLogSettings } from '@holdfast/api';
import { Check } from 'typebox/value';
import type { Actor } from '../../platform/access/actor.ts';
import { requireOrganisationWide } from '../../platform/access/organisation-wide.ts';
import { inTransaction } from '../../platform/database/index.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import { findSetting, saveSetting, SettingError, type StoredSetting } from '../settings/index.ts';

const LOG_KEY = 'logs';

/** A quarter of a year: long enough to look back at an incident, short enough for an ordinary disk. */
export const defaultLogSettings: LogSettings = { retentionDays: 90 };

/** How long entries are kept. Read at need: the job that drops days asks once in a turn. */
export class LogSettingsService {
  readonly #platform: Pick<Platform, 'database' | 'clock' | 'log' | 'bus' | 'recordAuditEntry'>;

  constructor(platform: Pick<Platform, 'database' | 'clock' | 'log' | 'bus' | 'recordAuditEntry'>) {
    this.#platform = platform;
  }

  async current(): Promise<LogSettings> {
    return this.#read(await findSetting(this.#platform.database, LOG_KEY));
  }

  async get(actor: Actor): Promise<StoredLogSettings> {
    requireOrganisationWide(actor, 'settings:read');
    return this.#toSettings(await findSetting(this.#platform.database, LOG_KEY));
  }

  /** @throws SettingError SETTING_REVISION_STALE */
  async update(
    actor: Actor,
    change: { readonly revision: number; readonly logs: LogSettings },
    request: RequestFacts,
  ): Promise<StoredLogSettings> {
    requireOrganisationWide(actor, 'settings:manage');
    const { database, clock, bus, recordAuditEntry } = this.#platform;
    const stored = await inTransaction(database, async (transaction) => {
      const before = this.#read(await findSetting(transaction, LOG_KEY));
      const isSaved = await saveSetting(transaction, {
        key: LOG_KEY,
        value: change.logs,
        seenRevision: change.revision,
        changedAt: new Date(clock.now()),
        changedBy: 'name' in actor ? actor.name : actor.kind,
      });
      if (!isSaved) {
        throw new SettingError(
          'SETTING_REVISION_STALE',
          'The settings have been changed since you opened them.',
          { remedy: 'Look at the present settings and make your change again.' },
        );
      }
      const object = { objectKind: 'setting', objectId: LOG_KEY, objectName: 'logs' } as const;
      const details = { before, after: change.logs };
      await recordAuditEntry(transaction, actor, { action: 'settings.changed', ...object, details }, request);
      return await findSetting(transaction, LOG_KEY);
    });
    bus.publish({ event: { type: 'settings' }, permission: 'settings:read' });
    return this.#toSettings(stored);
  }

  #read(stored: StoredSetting | undefined): LogSettings {
    if (stored === undefined) return defaultLogSettings;
    if (Check(LogSettings, stored.value)) return stored.value;
    this.#platform.log.warn({ setting: LOG_KEY }, 'a stored setting cannot be read; its default is used');
    return defaultLogSettings;
  }

  #toSettings(stored: StoredSetting | undefined): StoredLogSettings {
    return {
      revision: stored?.revision ?? 1,
      logs: this.#read(stored),
      changedAt: stored?.changedAt.toISOString() ?? null,
      changedBy: stored?.changedBy ?? null,
    };
  }
}
