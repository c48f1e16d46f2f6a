import { createSecretKey } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { AppError, decodeBase64Url } from '@holdfast/kernel';
import { ActiveAgentRole, type LanTerms } from '@holdfast/protocol';
import { type StateDatabase } from '../../platform/state-database.ts';
import type { StateMigration } from '../../platform/state-migration.ts';
import { deriveLanKey, type LanKey } from './lan/lan-key.ts';

const KEY_BYTES = 32;
const MAX_KEYS = 3;
const MAX_HINTS = 8;
const DAY_MS = 86_400_000;
const MEBIBYTE = 2 ** 20;

/** What the server says of the LAN, for one agent. */
export interface LanSettings {
  /** False: this agent takes no part; it neither speaks nor listens on the LAN, and fetches from the server. */
  readonly isOn: boolean;
  /** Of the organisation: the one in use first, then those that are still understood. */
  readonly keys: readonly LanKey[];
  /** It follows and is never elected. */
  readonly isOptedOut: boolean;
  /** It is elected before all others, where nothing stands against it. */
  readonly isPinned: boolean;
  /** Over which members spread what is not urgent. */
  readonly windowMs: number;
  /** Large files that an Active Agent sends at once. */
  readonly maxUploads: number;
  /** All of these together, bytes a second; 0: no bound. */
  readonly maxUploadBytesPerS: number;
  readonly maxCacheBytes: number;
  /** IPv4 addresses of agents of the same network that may be elected where multicast does not pass. */
  readonly hints: readonly string[];
}

/** As {@link parseLanSettings} reads it, of what the server says; without terms this agent takes no part. */
export function toLanSettingsValue(terms: LanTerms | undefined): object {
  if (terms === undefined) return { isOn: false };
  const { secrets, activeAgent, windowMs, maxUploads, uploadBytesPerSecond, cacheBytes, hints } = terms;
  return {
    isOn: true,
    keys: secrets,
    isOptedOut: activeAgent === ActiveAgentRole.never,
    isPinned: activeAgent === ActiveAgentRole.preferred,
    windowMs,
    maxUploads,
    maxUploadBytesPerS: uploadBytesPerSecond,
    maxCacheBytes: cacheBytes,
    hints,
  };
}

export class LanSettingsError extends AppError<'LAN_SETTINGS_INVALID'> {}

/**
 * Reads the settings as the server sends them: an object with `isOn`, `keys` (base64url of 32 bytes each) and whatever differs from the
 * defaults. Unknown members are ignored, so that a newer server is understood.
 *
 * @throws LanSettingsError naming the member that is wrong; nothing of the settings is taken then
 */
export function parseLanSettings(value: unknown): LanSettings {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('settings');
  const given = value as Readonly<Record<string, unknown>>;
  const flag = (name: string, usual: boolean): boolean => {
    const found = given[name] ?? usual;
    if (typeof found !== 'boolean') throw invalid(name);
    return found;
  };
  const integer = (name: string, usual: number, min: number, max: number): number => {
    const found = given[name] ?? usual;
    if (typeof found !== 'number' || !Number.isSafeInteger(found) || found < min || found > max)
      throw invalid(name);
    return found;
  };
  const list = (name: string, max: number): readonly unknown[] => {
    const found = given[name] ?? [];
    if (!Array.isArray(found) || found.length > max) throw invalid(name);
    return found;
  };
  const isOn = flag('isOn', false);
  const keys = list('keys', MAX_KEYS).map(parseKey);
  if (isOn && keys.length === 0) throw invalid('keys');
  return {
    isOn,
    keys,
    isOptedOut: flag('isOptedOut', false),
    isPinned: flag('isPinned', false),
    windowMs: integer('windowMs', 15 * 60_000, 0, DAY_MS),
    maxUploads: integer('maxUploads', 5, 1, 64),
    maxUploadBytesPerS: integer('maxUploadBytesPerS', 0, 0, 2 ** 40),
    maxCacheBytes: integer('maxCacheBytes', 2_048 * MEBIBYTE, 16 * MEBIBYTE, 2 ** 40),
    hints: list('hints', MAX_HINTS).map((hint) => {
      if (typeof hint !== 'string' || !isIPv4(hint)) throw invalid('hints');
      return hint;
    }),
  };
}

function parseKey(text: unknown): LanKey {
  // 43 characters are 32 bytes; what is longer is not decoded at all.
  const bytes = typeof text === 'string' && text.length <= 43 ? decodeBase64Url(text) : undefined;
  if (bytes?.length !== KEY_BYTES) throw invalid('keys');
  return deriveLanKey(createSecretKey(bytes));
}

function invalid(name: string): LanSettingsError {
  return new LanSettingsError('LAN_SETTINGS_INVALID', `The settings of the LAN are wrong: ${name}.`, {
    facts: { member: name },
    remedy: 'The settings before them stay in force. Look for a newer release of this agent.',
  });
}

export const lanSettingsMigrations: readonly StateMigration[] = [
  {
    name: 'lan-settings',
    oldestReader: '0.1.0',
    statements:
      'CREATE TABLE lan_settings (id INTEGER PRIMARY KEY CHECK (id = 1), value TEXT NOT NULL) STRICT',
  },
];

/** Where the settings come from. */
export interface LanSettingsSource {
  /** Those of the last time, also after a restart without a server; `undefined` before the first. */
  current(): LanSettings | undefined;
  /** Told of each change, until the function that is answered is called. */
  listen(listener: () => void): () => void;
}

/** Keeps what the server said last: a week without it is a week with the same settings. */
export interface LanSettingsStore extends LanSettingsSource {
  /** @throws LanSettingsError, and nothing changes */
  save(value: unknown): void;
}

export function createLanSettingsStore(database: StateDatabase): LanSettingsStore {
  const listeners = new Set<() => void>();
  let known: LanSettings | undefined;
  let knownText: string | undefined;

  return {
    current: () => {
      const row = database.connection.prepare('SELECT value FROM lan_settings WHERE id = 1').get();
      const text = row?.['value'];
      if (typeof text !== 'string') return undefined;
      if (text === knownText) return known;
      knownText = text;
      try {
        known = parseLanSettings(JSON.parse(text));
      } catch {
        // Of another release, or damaged: as if there were none, until the server says them again.
        known = undefined;
      }
      return known;
    },
    save: (value) => {
      parseLanSettings(value);
      const text = JSON.stringify(value);
      const row = database.connection.prepare('SELECT value FROM lan_settings WHERE id = 1').get();
      if (row?.['value'] === text) return;
      database.transaction(() =>
        database.connection
          .prepare('INSERT OR REPLACE INTO lan_settings (id, value) VALUES (1, ?)')
          .run(text),
      );
      for (const listener of listeners) listener();
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
