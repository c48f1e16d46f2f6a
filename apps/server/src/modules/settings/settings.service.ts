import type { CommunicationSettings, Settings } from '@holdfast/api';
import type { Actor } from '../../platform/access/actor.ts';
import { requireOrganisationWide } from '../../platform/access/organisation-wide.ts';
import { inTransaction } from '../../platform/database/index.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import { assertCommunication, defaultCommunication, parseCommunication } from './communication.ts';
import { SettingError } from './settings.errors.ts';
import { findSetting, saveSetting, type StoredSetting } from './settings.store.ts';

const COMMUNICATION_KEY = 'communication';

type SettingsPlatform = Pick<Platform, 'database' | 'clock' | 'log' | 'bus' | 'recordAuditEntry'>;

/** Settings of this server, and the copy of them that the rest of the process goes by. */
export class SettingsService {
  readonly #platform: SettingsPlatform;
  readonly #listeners: ((settings: CommunicationSettings) => void)[] = [];
  #communication = defaultCommunication;
  // A reload that read just before a change must not bring the old values back.
  #revision = 0;

  constructor(platform: SettingsPlatform) {
    this.#platform = platform;
  }

  get communication(): CommunicationSettings {
    return this.#communication;
  }

  onCommunicationChange(listener: (settings: CommunicationSettings) => void): void {
    this.#listeners.push(listener);
  }

  /** Reads what is stored; tells the listeners when it differs, as it does after a change by another process. */
  async load(): Promise<void> {
    const stored = await findSetting(this.#platform.database, COMMUNICATION_KEY);
    this.#adopt(this.#read(stored), stored?.revision ?? 0);
  }

  async get(actor: Actor): Promise<Settings> {
    requireOrganisationWide(actor, 'settings:read');
    return this.#toSettings(await findSetting(this.#platform.database, COMMUNICATION_KEY));
  }

  /** @throws SettingError SETTING_TIMEOUT_TOO_SHORT, SETTING_REVISION_STALE */
  async updateCommunication(
    actor: Actor,
    change: { readonly revision: number; readonly communication: CommunicationSettings },
    request: RequestFacts,
  ): Promise<Settings> {
    requireOrganisationWide(actor, 'settings:manage');
    assertCommunication(change.communication);
    const { database, clock, bus, recordAuditEntry } = this.#platform;
    const stored = await inTransaction(database, async (transaction) => {
      const before = this.#read(await findSetting(transaction, COMMUNICATION_KEY));
      const isSaved = await saveSetting(transaction, {
        key: COMMUNICATION_KEY,
        value: change.communication,
        seenRevision: change.revision,
        changedAt: new Date(clock.now()),
        changedBy: nameOf(actor),
      });
      if (!isSaved) throw createStaleError();
      const object = {
        objectKind: 'setting',
        objectId: COMMUNICATION_KEY,
        objectName: 'communication',
      } as const;
      const details = { before, after: change.communication };
      await recordAuditEntry(transaction, actor, { action: 'settings.changed', ...object, details }, request);
      return await findSetting(transaction, COMMUNICATION_KEY);
    });
    this.#adopt(change.communication, change.revision + 1);
    bus.publish({ event: { type: 'settings' }, permission: 'settings:read' });
    return this.#toSettings(stored);
  }

  #adopt(settings: CommunicationSettings, revision: number): void {
    if (revision < this.#revision) return;
    this.#revision = revision;
    const known = this.#communication;
    const isSame =
      known.heartbeatIntervalMs === settings.heartbeatIntervalMs &&
      known.offlineTimeoutMs === settings.offlineTimeoutMs;
    if (isSame) return;
    this.#communication = settings;
    for (const listener of this.#listeners) listener(settings);
  }

  #read(stored: StoredSetting | undefined): CommunicationSettings {
    if (stored === undefined) return defaultCommunication;
    const settings = parseCommunication(stored.value);
    if (settings !== undefined) return settings;
    this.#platform.log.warn(
      { setting: COMMUNICATION_KEY },
      'a stored setting cannot be read; its default is used',
    );
    return defaultCommunication;
  }

  #toSettings(stored: StoredSetting | undefined): Settings {
    return {
      revision: stored?.revision ?? 1,
      communication: this.#read(stored),
      changedAt: stored?.changedAt.toISOString() ?? null,
      changedBy: stored?.changedBy ?? null,
    };
  }
}

function nameOf(actor: Actor): string {
  return 'name' in actor ? actor.name : actor.kind;
}

function createStaleError(): SettingError {
  return new SettingError('SETTING_REVISION_STALE', 'The settings have been changed since you opened them.', {
    remedy: 'Look at the present settings and make your change again.',
  });
}
