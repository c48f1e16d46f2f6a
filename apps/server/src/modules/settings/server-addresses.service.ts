import type { ServerAddressSettings } from '@holdfast/api';
import { limits, parseServerAddress } from '@holdfast/protocol';
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import { type Actor, requirePermission } from '../../platform/access/actor.ts';
import type { Database } from '../../platform/database/index.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import { type ReadSetting, SettingDocument, type SettingPlatform } from './setting-document.service.ts';
import { SettingError } from './settings.errors.ts';
import { findSetting } from './settings.store.ts';

const KEY = 'server-addresses';

/** As it is stored. */
const ServerAddresses = Type.Object({
  addresses: Type.Array(Type.String(), { maxItems: limits.maxServerAddresses }),
});
type ServerAddresses = Static<typeof ServerAddresses>;

/** What the database holds; undefined when it is not what this version writes. */
function parse(value: unknown): ServerAddresses | undefined {
  if (!Check(ServerAddresses, value)) return undefined;
  return value.addresses.every((address) => parseServerAddress(address) === address) ? value : undefined;
}

/** For whoever needs them before there are modules: the certificate has to be good for them. */
export async function readServerAddresses(database: Database): Promise<readonly string[]> {
  return parse((await findSetting(database, KEY))?.value)?.addresses ?? [];
}

export interface ServerAddressParts {
  readonly platform: SettingPlatform;
  readonly listOwn: () => readonly string[];
}

/**
 * Where products are told to reach this server. An administrator says it before the server gets another name or address, so that
 * the fleet knows both.
 */
export class ServerAddressService {
  readonly #document: SettingDocument<ServerAddresses>;
  readonly #listOwn: () => readonly string[];
  readonly #listeners: ((addresses: readonly string[]) => void)[] = [];
  #addresses: readonly string[] = [];
  // A reload that read just before a change must not bring the old values back.
  #revision = 0;

  constructor({ platform, listOwn }: ServerAddressParts) {
    this.#document = new SettingDocument(platform, { key: KEY, parse, fallback: { addresses: [] } });
    this.#listOwn = listOwn;
  }

  get addresses(): readonly string[] {
    return this.#addresses;
  }

  /** Told of each change, also of one by another process, and not of what is found at the start. */
  onChange(listener: (addresses: readonly string[]) => void): void {
    this.#listeners.push(listener);
  }

  async load({ isStart = false } = {}): Promise<void> {
    const { value, revision } = await this.#document.load();
    if (isStart) {
      this.#revision = revision;
      this.#addresses = value.addresses;
    } else this.#adopt(value.addresses, revision);
  }

  async get(actor: Actor): Promise<ServerAddressSettings> {
    return this.#toSettings(await this.#document.get(actor));
  }

  /** @throws SettingError SETTING_ADDRESS_INVALID, SETTING_REVISION_STALE */
  async update(
    actor: Actor,
    change: { readonly revision: number; readonly addresses: readonly string[] },
    request: RequestFacts,
  ): Promise<ServerAddressSettings> {
    // Before anything is said about the values.
    requirePermission(actor, 'settings:manage');
    const addresses = [...new Set(change.addresses.map(requireAddress))];
    const { revision } = change;
    const updated = await this.#document.update(actor, { revision, value: { addresses } }, request);
    this.#adopt(addresses, revision + 1);
    return this.#toSettings(updated);
  }

  #adopt(addresses: readonly string[], revision: number): void {
    if (revision <= this.#revision) return;
    this.#revision = revision;
    const known = this.#addresses;
    if (addresses.length === known.length && addresses.every((one, index) => one === known[index])) return;
    this.#addresses = addresses;
    for (const listener of this.#listeners) listener(addresses);
  }

  #toSettings({ value, ...rest }: ReadSetting<ServerAddresses>): ServerAddressSettings {
    return { ...rest, addresses: [...value.addresses], ownAddresses: [...this.#listOwn()] };
  }
}

function requireAddress(text: string): string {
  const address = parseServerAddress(text.trim());
  if (address !== undefined) return address;
  throw new SettingError('SETTING_ADDRESS_INVALID', 'One of the addresses is not the address of a server.', {
    remedy: 'Write each as https://name:port, without anything behind the port.',
  });
}
