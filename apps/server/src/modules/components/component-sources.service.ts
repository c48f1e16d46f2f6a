import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import {
  type AuditAction,
  type ComponentRepository,
  type ComponentSource,
  MAX_COMPONENT_SOURCES,
  type OfferedRoot,
} from '@holdfast/api';
import { ComponentError } from '@holdfast/components';
import { describeOfferedRoot } from '@holdfast/components/client';
import { generateSigningKey } from '@holdfast/components/repository';
import { AppError } from '@holdfast/kernel';
import { deriveKey, KeyLabel } from '@holdfast/trust';
import { type Actor, actorNameOf, requirePermission } from '../../platform/access/actor.ts';
import { inTransaction, isUniqueViolation, type Transaction } from '../../platform/database/index.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Caller } from '../directory/index.ts';
import { ComponentsError, createSourceNotFound } from './components.errors.ts';
import { parseProxyAddress, parseSourceAddress } from './source-address.ts';
import { type OpenedSource, openSource, openSourceKey, sealSourceSecret } from './source-opening.ts';
import {
  deleteSource,
  findRepository,
  findSource,
  insertRepository,
  insertSource,
  listSources,
  lockSources,
  type RepositoryRecord,
  saveSource,
  type SourceRecord,
} from './sources.store.ts';

export type SourcePlatform = Pick<Platform, 'database' | 'clock' | 'keys' | 'createId' | 'recordAuditEntry'>;

export interface SourceInput {
  readonly name: string;
  readonly kind: 'web' | 'folder';
  readonly address: string;
  readonly proxy: string | null;
  readonly userName: string | null;
  readonly proxyUserName: string | null;
  readonly password?: string | null | undefined;
  readonly proxyPassword?: string | null | undefined;
}

type SourceChange = { readonly [Key in keyof SourceInput]?: SourceInput[Key] | undefined } & {
  readonly revision: number;
};

const ROOT_PATH = 'metadata/1.root.json';
const MAX_ROOT_BYTES = 512 * 1024;
const LOOK_MS = 20_000;

/** Where components come from, and whose signatures count. Both concern the whole organisation. */
export class ComponentSourceService {
  readonly #platform: SourcePlatform;
  readonly #key: KeyObject;

  constructor(platform: SourcePlatform) {
    this.#platform = platform;
    this.#key = deriveKey(platform.keys.masterKey, KeyLabel.componentSource);
  }

  async list(actor: Actor): Promise<ComponentSource[]> {
    requirePermission(actor, 'components:read');
    return (await listSources(this.#platform.database)).map(toSource);
  }

  /** Every source, open, in the order in which they are tried. Whoever asks closes them. */
  async openAll(): Promise<OpenedSource[]> {
    return (await listSources(this.#platform.database)).map((source) => openSource(source, this.#key));
  }

  /** @throws ComponentsError COMPONENT_SOURCE_ADDRESS_INVALID, _NAME_TAKEN, _LIMIT_REACHED */
  async create(caller: Caller, input: SourceInput): Promise<ComponentSource> {
    requirePermission(caller.actor, 'components:manage');
    const { clock, createId } = this.#platform;
    const id = createId();
    const source: SourceRecord = {
      id,
      name: input.name,
      kind: input.kind,
      ...this.#settle(id, input, { sealedPassword: null, sealedProxyPassword: null }),
      sealedKey: null,
      publicKey: null,
      createdAt: new Date(clock.now()),
      revision: 1,
    };
    await this.#change(caller, 'component-source.created', async (transaction) => {
      const sources = await listSources(transaction);
      if (sources.length >= MAX_COMPONENT_SOURCES)
        throw new ComponentsError(
          'COMPONENT_SOURCE_LIMIT_REACHED',
          `There are ${MAX_COMPONENT_SOURCES} sources already.`,
          { facts: { limit: MAX_COMPONENT_SOURCES }, remedy: 'Remove one that is not needed.' },
        );
      await insertSource(transaction, source);
      return source;
    });
    return toSource(source);
  }

  /** @throws as `create`; ComponentsError COMPONENT_SOURCE_NOT_FOUND, COMPONENT_SOURCE_CHANGED */
  async change(caller: Caller, id: string, { revision, ...change }: SourceChange): Promise<ComponentSource> {
    requirePermission(caller.actor, 'components:manage');
    const changed = await this.#change(caller, 'component-source.changed', async (transaction) => {
      const before = await findSource(transaction, id);
      if (before === undefined) throw createSourceNotFound();
      if (before.revision !== revision)
        throw new ComponentsError('COMPONENT_SOURCE_CHANGED', 'The source was changed since you opened it.', {
          remedy: 'Look at it as it is now and make your change again.',
        });
      const { name, address, proxy, userName, proxyUserName, kind } = before;
      const input: SourceInput = {
        name,
        address,
        proxy,
        userName,
        proxyUserName,
        ...definedOf(change),
        kind,
      };
      const source: SourceRecord = {
        ...before,
        name: input.name,
        ...this.#settle(id, input, before),
        // Another folder is another repository.
        ...(parseSourceAddress(kind, input.address) === address ? {} : { sealedKey: null, publicKey: null }),
        revision: before.revision + 1,
      };
      await saveSource(transaction, source);
      return source;
    });
    return toSource(changed);
  }

  /**
   * Makes a key of this server's own for the folder of a source. Its publisher names it for the online roles, and from then on the
   * server renews what they sign. The private half never leaves the server; one that was there before is forgotten.
   *
   * @throws ComponentsError COMPONENT_SOURCE_NOT_FOUND, COMPONENT_SOURCE_NOT_WRITTEN
   */
  async makeKey(caller: Caller, id: string): Promise<ComponentSource> {
    requirePermission(caller.actor, 'components:manage');
    const made = generateSigningKey();
    const text = made.export({ type: 'pkcs8', format: 'pem' }) as string;
    const changed = await this.#change(caller, 'component-source.key-made', async (transaction) => {
      const before = await findSource(transaction, id);
      if (before === undefined) throw createSourceNotFound();
      if (before.kind !== 'folder')
        throw new ComponentsError('COMPONENT_SOURCE_NOT_WRITTEN', 'The server writes to no web folder.', {
          remedy: 'Renew it where it is published.',
        });
      const source: SourceRecord = {
        ...before,
        sealedKey: sealSourceSecret(this.#key, id, 'key', text),
        publicKey: createPublicKey(made).export({ type: 'spki', format: 'pem' }) as string,
        revision: before.revision + 1,
      };
      await saveSource(transaction, source);
      return source;
    });
    return toSource(changed);
  }

  /** The folders that this server renews, each with the key for it. */
  async listRenewed(): Promise<
    { readonly name: string; readonly folder: string; readonly key: KeyObject }[]
  > {
    return (await listSources(this.#platform.database)).flatMap((source) => {
      const key = openSourceKey(source, this.#key);
      return key === undefined ? [] : [{ name: source.name, folder: source.address, key }];
    });
  }

  /** @throws ComponentsError COMPONENT_SOURCE_NOT_FOUND */
  async remove(caller: Caller, id: string): Promise<void> {
    requirePermission(caller.actor, 'components:manage');
    await this.#change(caller, 'component-source.removed', async (transaction) => {
      const source = await findSource(transaction, id);
      if (source === undefined) throw createSourceNotFound();
      await deleteSource(transaction, id);
      return source;
    });
  }

  /**
   * What a source offers to be trusted.
   *
   * @throws ComponentsError COMPONENT_SOURCE_NOT_FOUND, COMPONENT_SOURCE_UNUSABLE
   */
  async look(actor: Actor, id: string): Promise<OfferedRoot> {
    requirePermission(actor, 'components:manage');
    const bytes = await this.#readRoot(id);
    const { version, expiresAtMs, roles } = describeOfferedRoot(bytes);
    return {
      fingerprint: fingerprintOf(bytes),
      version,
      expiresAt: new Date(expiresAtMs).toISOString(),
      roles: [...roles],
    };
  }

  /**
   * Trusts what `look` showed. The source is read again, and nothing else than what was shown is trusted.
   *
   * @throws ComponentsError as `look`, and COMPONENT_ROOT_CHANGED, COMPONENT_ROOT_TRUSTED_ALREADY
   */
  async trust(caller: Caller, id: string, fingerprint: string): Promise<ComponentRepository> {
    requirePermission(caller.actor, 'components:manage');
    const { database, clock, recordAuditEntry } = this.#platform;
    const firstRoot = await this.#readRoot(id);
    if (fingerprintOf(firstRoot) !== fingerprint)
      throw new ComponentsError('COMPONENT_ROOT_CHANGED', 'The source offers another root than that.', {
        remedy: 'Look at it again, and compare its fingerprint with what the publisher says.',
      });
    const repository: RepositoryRecord = {
      firstRoot,
      fingerprint,
      trustedAt: new Date(clock.now()),
      trustedBy: actorNameOf(caller.actor),
      expiresAt: null,
    };
    await inTransaction(database, async (transaction) => {
      await lockSources(transaction);
      // Devices follow this root by now: another one would be another repository.
      if ((await findRepository(transaction)) !== undefined)
        throw new ComponentsError(
          'COMPONENT_ROOT_TRUSTED_ALREADY',
          'This server follows a root already, and so do its devices.',
          { remedy: 'New keys come as new roots, which the present one vouches for.' },
        );
      await insertRepository(transaction, repository);
      await recordAuditEntry(
        transaction,
        caller.actor,
        {
          action: 'component-repository.trusted',
          objectKind: 'component-repository',
          objectId: fingerprint,
          objectName: fingerprint.slice(0, 16),
          details: { fingerprint, sourceId: id },
        },
        caller.request,
      );
    });
    return toRepository(repository);
  }

  async #readRoot(id: string): Promise<Uint8Array> {
    const record = await findSource(this.#platform.database, id);
    if (record === undefined) throw createSourceNotFound();
    const source = openSource(record, this.#key);
    try {
      const signal = AbortSignal.timeout(LOOK_MS);
      const chunks: Uint8Array[] = [];
      let length = 0;
      const bytes = await source.open(ROOT_PATH, { from: 0, limit: MAX_ROOT_BYTES, signal });
      if (bytes === undefined) throw createUnusable(`There is no ${ROOT_PATH} there.`);
      for await (const chunk of bytes) {
        length += chunk.length;
        if (length > MAX_ROOT_BYTES) throw createUnusable('What lies there is too long for a root.');
        chunks.push(chunk);
      }
      const root = Buffer.concat(chunks);
      describeOfferedRoot(root);
      return root;
    } catch (error) {
      if (error instanceof ComponentsError) throw error;
      if (error instanceof ComponentError || error instanceof AppError)
        throw createUnusable(error.message, error);
      if (error instanceof Error && error.name === 'TimeoutError')
        throw createUnusable('It does not answer in time.', error);
      throw error;
    } finally {
      source.close();
    }
  }

  /**
   * What of a source is stored. Passwords belong to where they were given for: at another address nobody gets them unless they
   * are given again, so that whoever may change a source cannot read them by sending them elsewhere.
   */
  #settle(
    id: string,
    input: SourceInput,
    before: Pick<SourceRecord, 'sealedPassword' | 'sealedProxyPassword'> & Partial<SourceRecord>,
  ): Omit<SourceRecord, 'id' | 'name' | 'kind' | 'sealedKey' | 'publicKey' | 'createdAt' | 'revision'> {
    const address = parseSourceAddress(input.kind, input.address);
    const isWeb = input.kind === 'web';
    const proxy = !isWeb || input.proxy === null ? null : parseProxyAddress(input.proxy);
    const userName = isWeb ? input.userName : null;
    const proxyUserName = proxy === null ? null : input.proxyUserName;
    const seal = (
      of: 'password' | 'proxy-password',
      given: string | null | undefined,
      kept: Uint8Array | null,
    ): Uint8Array | null =>
      given === undefined ? kept : given === null ? null : sealSourceSecret(this.#key, id, of, given);
    // Through another proxy a password for a plain address would be read by it.
    const isSamePlace = address === before.address && proxy === before.proxy && userName === before.userName;
    const isSameProxy = proxy === before.proxy && proxyUserName === before.proxyUserName;
    return {
      address,
      proxy,
      userName,
      proxyUserName,
      sealedPassword:
        userName === null
          ? null
          : seal('password', input.password, isSamePlace ? before.sealedPassword : null),
      sealedProxyPassword:
        proxyUserName === null
          ? null
          : seal('proxy-password', input.proxyPassword, isSameProxy ? before.sealedProxyPassword : null),
    };
  }

  /** The change and its audit entry in one transaction. */
  async #change(
    { actor, request }: Caller,
    action: AuditAction,
    work: (transaction: Transaction) => Promise<SourceRecord>,
  ): Promise<SourceRecord> {
    const { database, recordAuditEntry } = this.#platform;
    return await inTransaction(database, async (transaction) => {
      await lockSources(transaction);
      const source = await work(transaction);
      const { id, name, kind, address, proxy, userName, proxyUserName } = source;
      await recordAuditEntry(
        transaction,
        actor,
        {
          action,
          objectKind: 'component-source',
          objectId: id,
          objectName: name,
          details: { kind, address, proxy, userName, proxyUserName },
        },
        request,
      );
      return source;
    }).catch(throwNameTaken);
  }
}

export function toRepository(repository: RepositoryRecord): ComponentRepository {
  const { fingerprint, trustedAt, trustedBy, expiresAt } = repository;
  return {
    fingerprint,
    trustedAt: trustedAt.toISOString(),
    trustedBy,
    expiresAt: expiresAt?.toISOString() ?? null,
  };
}

function toSource(source: SourceRecord): ComponentSource {
  const { sealedPassword, sealedProxyPassword, sealedKey: _, createdAt, ...rest } = source;
  return {
    ...rest,
    hasPassword: sealedPassword !== null,
    hasProxyPassword: sealedProxyPassword !== null,
    createdAt: createdAt.toISOString(),
  };
}

function fingerprintOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What is absent leaves what there was. */
function definedOf<Change extends object>(
  change: Change,
): { [Key in keyof Change]?: Exclude<Change[Key], undefined> } {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Change]?: Exclude<Change[Key], undefined>;
  };
}

function createUnusable(why: string, cause?: unknown): ComponentsError {
  return new ComponentsError('COMPONENT_SOURCE_UNUSABLE', `The source cannot be used: ${why}`, {
    cause,
    remedy: 'Check its address, its credentials and the network.',
  });
}

function throwNameTaken(error: unknown): never {
  if (!isUniqueViolation(error, 'component_source_name_key_key')) throw error;
  throw new ComponentsError('COMPONENT_SOURCE_NAME_TAKEN', 'There is a source of this name already.', {
    cause: error,
    remedy: 'Choose another name; capitals make no difference.',
  });
}
