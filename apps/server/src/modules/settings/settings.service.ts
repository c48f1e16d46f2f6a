import type { CommunicationSettings, Settings } from '@holdfast/api';
import type { Actor } from '../../platform/access/actor.ts';
import { requirePermission } from '../../platform/access/actor.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import { assertCommunication, defaultCommunication, parseCommunication } from './communication.ts';
import { type ReadSetting, SettingDocument, type SettingPlatform } from './setting-document.service.ts';

/** Settings of this server, and the copy of them that the rest of the process goes by. */
export class SettingsService {
  readonly #document: SettingDocument<CommunicationSettings>;
  readonly #listeners: ((settings: CommunicationSettings) => void)[] = [];
  #communication = defaultCommunication;
  // A reload that read just before a change must not bring the old values back.
  #revision = 0;

  constructor({ platform }: { readonly platform: SettingPlatform }) {
    this.#document = new SettingDocument(platform, {
      key: 'communication',
      parse: parseCommunication,
      fallback: defaultCommunication,
    });
  }

  get communication(): CommunicationSettings {
    return this.#communication;
  }

  onCommunicationChange(listener: (settings: CommunicationSettings) => void): void {
    this.#listeners.push(listener);
  }

  /** Reads what is stored; tells the listeners when it differs, as it does after a change by another process. */
  async load(): Promise<void> {
    const { value, revision } = await this.#document.load();
    this.#adopt(value, revision);
  }

  async get(actor: Actor): Promise<Settings> {
    return toSettings(await this.#document.get(actor));
  }

  /** @throws SettingError SETTING_TIMEOUT_TOO_SHORT, SETTING_REVISION_STALE */
  async updateCommunication(
    actor: Actor,
    change: { readonly revision: number; readonly communication: CommunicationSettings },
    request: RequestFacts,
  ): Promise<Settings> {
    // Before anything is said about the values.
    requirePermission(actor, 'settings:manage');
    const { revision, communication } = change;
    assertCommunication(communication);
    const updated = await this.#document.update(actor, { revision, value: communication }, request);
    this.#adopt(communication, revision + 1);
    return toSettings(updated);
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
}

function toSettings({ value, ...rest }: ReadSetting<CommunicationSettings>): Settings {
  return { ...rest, communication: value };
}
