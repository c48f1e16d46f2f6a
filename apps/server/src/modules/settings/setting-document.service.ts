import { type Actor, requirePermission } from '../../platform/access/actor.ts';
import { inTransaction } from '../../platform/database/index.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import { SettingError } from './settings.errors.ts';
import { findSetting, saveSetting, type StoredSetting } from './settings.store.ts';

export type SettingPlatform = Pick<
  Platform,
  'database' | 'clock' | 'log' | 'recordAuditEntry' | 'recordEvents'
>;

export interface SettingDocumentForm<Value> {
  /** Under which it is stored, and by which the audit log names it. */
  readonly key: string;
  /** `undefined` for what this version does not write. */
  readonly parse: (stored: unknown) => Value | undefined;
  /** While nothing is stored, or nothing that can be read. */
  readonly fallback: Value;
}

/** A value with what a writer has to name, and who wrote it. */
export interface ReadSetting<Value> {
  readonly value: Value;
  readonly revision: number;
  readonly changedAt: string | null;
  readonly changedBy: string | null;
}

/**
 * One group of settings of the whole server, as it is stored, shown and changed. Invariant: a change names the revision that it saw,
 * is in the audit log with the values before and after, and is told to open views.
 */
export class SettingDocument<Value> {
  readonly #platform: SettingPlatform;
  readonly #form: SettingDocumentForm<Value>;

  constructor(platform: SettingPlatform, form: SettingDocumentForm<Value>) {
    this.#platform = platform;
    this.#form = form;
  }

  /** For the server itself. The revision is 0 while nothing is stored. */
  async load(): Promise<{ readonly value: Value; readonly revision: number }> {
    const stored = await findSetting(this.#platform.database, this.#form.key);
    return { value: this.#parse(stored), revision: stored?.revision ?? 0 };
  }

  async get(actor: Actor): Promise<ReadSetting<Value>> {
    requirePermission(actor, 'settings:read');
    return this.#read(await findSetting(this.#platform.database, this.#form.key));
  }

  /** @throws SettingError SETTING_REVISION_STALE */
  async update(
    actor: Actor,
    change: { readonly revision: number; readonly value: Value },
    request: RequestFacts,
  ): Promise<ReadSetting<Value>> {
    requirePermission(actor, 'settings:manage');
    const { database, clock, recordAuditEntry, recordEvents } = this.#platform;
    const { key } = this.#form;
    const stored = await inTransaction(database, async (transaction) => {
      const before = this.#parse(await findSetting(transaction, key));
      const isSaved = await saveSetting(transaction, {
        key,
        value: change.value,
        seenRevision: change.revision,
        changedAt: new Date(clock.now()),
        changedBy: 'name' in actor ? actor.name : actor.kind,
      });
      if (!isSaved) throw createStaleError();
      const event = { type: 'settings.changed', objectId: key } as const;
      await recordEvents(transaction, { ...event, data: { revision: change.revision + 1 } });
      const object = { objectKind: 'setting', objectId: key, objectName: key } as const;
      const details = { before, after: change.value };
      await recordAuditEntry(transaction, actor, { action: 'settings.changed', ...object, details }, request);
      return await findSetting(transaction, key);
    });
    return this.#read(stored);
  }

  #parse(stored: StoredSetting | undefined): Value {
    if (stored === undefined) return this.#form.fallback;
    const value = this.#form.parse(stored.value);
    if (value !== undefined) return value;
    this.#platform.log.warn(
      { setting: this.#form.key },
      'a stored setting cannot be read; its default is used',
    );
    return this.#form.fallback;
  }

  #read(stored: StoredSetting | undefined): ReadSetting<Value> {
    return {
      value: this.#parse(stored),
      revision: stored?.revision ?? 1,
      changedAt: stored?.changedAt.toISOString() ?? null,
      changedBy: stored?.changedBy ?? null,
    };
  }
}

function createStaleError(): SettingError {
  return new SettingError('SETTING_REVISION_STALE', 'The settings have been changed since you opened them.', {
    remedy: 'Look at the present settings and make your change again.',
  });
}
