import type { AuditAction, WaitingRegistration } from '@holdfast/api';
import { AccessError } from '../../platform/access/access.errors.ts';
import { type Actor, mayAt, requirePermission, type Sight } from '../../platform/access/actor.ts';
import type { AuditRecord } from '../../platform/audit/audit.ts';
import { inTransaction, isUniqueViolation, type Transaction } from '../../platform/database/index.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import {
  createGroupNotFound,
  type DirectoryModule,
  type GroupRecord,
  type JoinedProduct,
  NEW_DEVICES_GROUP_ID,
  requireGroup,
  TOP_GROUP_ID,
} from '../directory/index.ts';
import type { PresenceModule } from '../presence/index.ts';
import type { WaitingListService } from './waiting-list.service.ts';
import type { EnrolmentTokenService } from './enrolment-tokens.service.ts';
import { RegistrationError } from './registration.errors.ts';
import { describeTwin } from './twin-facts.ts';
import { settleCopies } from './instances.store.ts';
import { findWaiting, listWaiting, lockWaiting } from './waiting.store.ts';
import type { WaitingEntry } from './waiting-entry.ts';

export interface WaitingCaller {
  readonly actor: Actor;
  readonly request: RequestFacts;
}

export interface WaitingDependencies {
  readonly platform: Pick<Platform, 'database' | 'clock' | 'recordAuditEntry' | 'recordEvents'>;
  readonly directory: Pick<DirectoryModule, 'records' | 'findGroup' | 'findProduct' | 'listTakenNumbers'>;
  readonly presence: Pick<PresenceModule, 'addProduct'>;
  readonly waitingList: WaitingListService;
  readonly tokens: Pick<EnrolmentTokenService, 'noteArrival'>;
}

/** More than anybody works through by hand. */
const MAX_LISTED = 1_000;

/** Where a product goes when it is admitted. */
interface Destination {
  /** The group that is there now. */
  readonly group: GroupRecord;
  /** Names of groups that have to be made below it first: those of a receipt whose group is gone. */
  readonly missing: readonly string[];
  /** Who sees one of these groups decides. */
  readonly scopePath: readonly string[];
}

type FindGroup = (groupId: string) => Promise<GroupRecord | undefined>;

/** What administrators decide about those who wait. */
export class WaitingService {
  readonly #deps: WaitingDependencies;

  constructor(deps: WaitingDependencies) {
    this.#deps = deps;
  }

  async listWaiting(actor: Actor): Promise<WaitingRegistration[]> {
    requirePermission(actor, 'directory:read');
    const { database } = this.#deps.platform;
    const { directory } = this.#deps;
    const entries = await listWaiting(database, MAX_LISTED);
    const formerNumbers = entries.flatMap((entry) => entry.former?.productNumber ?? []);
    const taken = await directory.listTakenNumbers(formerNumbers);
    // After the loss of a database many wait, and most of them for the same few groups.
    const groups = new Map<string, GroupRecord | undefined>();
    const findOnce: FindGroup = async (groupId) => {
      if (!groups.has(groupId)) groups.set(groupId, await directory.findGroup(groupId, database));
      return groups.get(groupId);
    };
    const listed: WaitingRegistration[] = [];
    for (const entry of entries) {
      const destination = await findDestination(findOnce, entry);
      if (!mayAt(actor, 'directory:read', destination.scopePath)) continue;
      listed.push({
        ...toContract(entry, destination, taken),
        copyOf: await this.#findOriginal(actor, entry),
      });
    }
    return listed;
  }

  /** Admits a product; what it was is what it is again, as far as that is free. */
  async admit(
    caller: WaitingCaller,
    id: string,
    chosen: { readonly groupId?: string | undefined },
  ): Promise<{ readonly deviceId: string; readonly productNumber: number; readonly groupPath: string[] }> {
    requirePermission(caller.actor, 'registrations:approve');
    const { joined, tokenId } = await this.#admitOnce(caller, id, chosen).catch((error: unknown) => {
      // Somebody took the old number between check and insert: the second attempt sees it as taken.
      if (!isUniqueViolation(error)) throw error;
      return this.#admitOnce(caller, id, chosen);
    });
    const { product } = joined;
    this.#deps.presence.addProduct(product.number);
    const { deviceId, deviceName, keyThumbprint } = product;
    this.#deps.tokens.noteArrival(tokenId, { state: 'joined', deviceName, deviceId, keyThumbprint });
    await this.#deps.waitingList.announce();
    return { deviceId: product.deviceId, productNumber: product.number, groupPath: [...product.groupNames] };
  }

  async refuse(caller: WaitingCaller, id: string): Promise<void> {
    requirePermission(caller.actor, 'registrations:approve');
    const refused = await inTransaction(this.#deps.platform.database, async (transaction) => {
      const entry = await this.#requireEntry(transaction, caller.actor, id);
      await this.#deps.waitingList.refuse(transaction, id);
      await this.#deps.platform.recordEvents(transaction, {
        type: 'registration.refused',
        objectId: id,
        data: { deviceName: entry.request.device.name },
      });
      await this.#record(transaction, caller, 'registration.refused', entry, { kind: entry.kind });
      return entry;
    });
    this.#deps.tokens.noteArrival(refused.tokenId, {
      state: 'refused',
      deviceName: refused.request.device.name,
      deviceId: null,
      keyThumbprint: refused.keyThumbprint,
    });
    await this.#deps.waitingList.announce();
  }

  async #admitOnce(
    caller: WaitingCaller,
    id: string,
    chosen: { readonly groupId?: string | undefined },
  ): Promise<{ readonly joined: JoinedProduct; readonly tokenId: string | null }> {
    const { directory, waitingList, platform } = this.#deps;
    return await inTransaction(platform.database, async (transaction) => {
      const seen = await findWaiting(transaction, id);
      if (seen === undefined) throw createNotFound();
      // In the order in which registrations of the same key lock, so that the two never wait for each other.
      const known = await directory.records.findByKeyInTurn(transaction, seen.keyThumbprint);
      const entry = await this.#requireEntry(transaction, caller.actor, id);
      await waitingList.forget(transaction, entry.keyThumbprint);
      const { tokenId } = entry;
      if (known !== undefined)
        return { joined: { product: known, isNewDevice: false, twinId: null }, tokenId };
      const joined = await directory.records.join(transaction, {
        keyThumbprint: entry.keyThumbprint,
        publicJwk: entry.publicJwk,
        ...entry.request,
        group: await this.#settleGroup(transaction, caller, entry, chosen.groupId),
        remoteAddress: entry.remoteAddress,
        // A copy gets a number and a device of its own; those of the receipt belong to its original.
        ...(entry.former === null || entry.kind === 'copied' ? {} : { former: entry.former }),
      });
      if (entry.kind === 'copied' && entry.former !== null) {
        const settledAt = new Date(platform.clock.now());
        const hardwareId = entry.request.device.hardwareId ?? null;
        await settleCopies(transaction, entry.former.productNumber, hardwareId, settledAt);
      }
      const { product } = joined;
      await platform.recordEvents(transaction, {
        type: 'registration.admitted',
        objectId: id,
        groupIds: product.groupPath,
        data: {
          deviceName: product.deviceName,
          deviceId: product.deviceId,
          productNumber: product.number,
        },
      });
      await this.#record(
        transaction,
        caller,
        'registration.admitted',
        entry,
        {
          kind: entry.kind,
          ...(entry.kind === 'copied' ? { copyOf: entry.former?.productNumber ?? null } : {}),
          productNumber: joined.product.number,
          deviceId: joined.product.deviceId,
          group: joined.product.groupNames,
        },
        describeTwin(joined.twinId),
      );
      return { joined, tokenId };
    });
  }

  /** The group that the product goes to, made where it is gone and a receipt knows its names. */
  async #settleGroup(
    transaction: Transaction,
    caller: WaitingCaller,
    entry: WaitingEntry,
    chosenId: string | undefined,
  ): Promise<GroupRecord> {
    const { records } = this.#deps.directory;
    if (chosenId !== undefined) {
      const group = await records.findPlace(transaction, chosenId);
      if (group.id !== chosenId) throw createGroupNotFound();
      return requireGroup(caller.actor, 'registrations:approve', group);
    }
    const { group, missing } = await findDestination(
      (groupId) => this.#deps.directory.findGroup(groupId, transaction),
      entry,
    );
    return missing.length === 0
      ? await records.findPlace(transaction, group.id)
      : // Names may lead where others decide: the place is the caller's to fill, whether it was there or is made.
        requirePlace(caller.actor, await records.ensureGroupPath(transaction, caller, missing));
  }

  /** Of which device a copy is one, as far as the caller sees it. */
  async #findOriginal(actor: Actor, entry: WaitingEntry): Promise<WaitingRegistration['copyOf']> {
    if (entry.kind !== 'copied' || entry.former === null) return null;
    const original = await this.#deps.directory.findProduct(entry.former.productNumber);
    if (original === undefined || !mayAt(actor, 'directory:read', original.groupPath)) return null;
    return { deviceId: original.deviceId, name: original.deviceName };
  }

  async #requireEntry(transaction: Transaction, actor: Actor, id: string): Promise<WaitingEntry> {
    const entry = await lockWaiting(transaction, id);
    if (entry === undefined) throw createNotFound();
    const { scopePath } = await findDestination(
      (groupId) => this.#deps.directory.findGroup(groupId, transaction),
      entry,
    );
    requirePermission(actor, 'registrations:approve', scopePath, waitingSight);
    return entry;
  }

  async #record(
    transaction: Transaction,
    caller: WaitingCaller,
    action: AuditAction,
    entry: WaitingEntry,
    details: Readonly<Record<string, unknown>>,
    more: Pick<AuditRecord, 'elsewhere'> = {},
  ): Promise<void> {
    await this.#deps.platform.recordAuditEntry(
      transaction,
      caller.actor,
      {
        action,
        objectKind: 'registration',
        objectId: entry.id,
        objectName: entry.request.device.name,
        details: { keyThumbprint: entry.keyThumbprint, ...details },
        ...more,
      },
      caller.request,
    );
  }
}

const waitingSight: Sight = { permission: 'directory:read', createNotFound };

function createNotFound(): RegistrationError {
  return new RegistrationError('REGISTRATION_NOT_FOUND', 'There is no such waiting device.', {
    remedy: 'It may have been admitted or refused meanwhile.',
  });
}

/** @throws AccessError PERMISSION_DENIED */
function requirePlace(actor: Actor, group: GroupRecord): GroupRecord {
  if (mayAt(actor, 'registrations:approve', group.path)) return group;
  throw new AccessError(
    'PERMISSION_DENIED',
    'The device would come back to a group in which you may admit none.',
    {
      facts: { permission: 'registrations:approve' },
      remedy: 'Choose a group in which you may, or ask somebody who may there.',
    },
  );
}

async function findDestination(findGroup: FindGroup, entry: WaitingEntry): Promise<Destination> {
  const wantedId = entry.former?.groupId ?? entry.tokenGroupId;
  const wanted = wantedId === null ? undefined : await findGroup(wantedId);
  if (wanted !== undefined) return { group: wanted, missing: [], scopePath: wanted.path };
  const fallback = await findGroup(NEW_DEVICES_GROUP_ID);
  if (fallback === undefined) throw new Error('The group for new devices is missing');
  // Somebody who sees only "New devices" must not decide about what was meant for another part of the directory.
  const scopePath = entry.kind === 'approval' ? [TOP_GROUP_ID] : fallback.path;
  return { group: fallback, missing: entry.former?.groupPath ?? [], scopePath };
}

function toContract(
  entry: WaitingEntry,
  { group, missing }: Destination,
  takenNumbers: ReadonlySet<number>,
): Omit<WaitingRegistration, 'copyOf'> {
  const number = entry.kind === 'copied' ? undefined : entry.former?.productNumber;
  return {
    id: entry.id,
    kind: entry.kind,
    deviceName: entry.request.device.name,
    platform: entry.request.device.platform,
    productName: entry.request.product.name,
    productVersion: entry.request.product.version,
    keyThumbprint: entry.keyThumbprint,
    remoteAddress: entry.remoteAddress,
    firstSeenAt: entry.firstSeenAt.toISOString(),
    lastSeenAt: entry.lastSeenAt.toISOString(),
    tokenName: entry.tokenName,
    groupPath: missing.length === 0 ? [...group.names] : [...missing],
    isReceiptVerified: entry.former !== null,
    productNumber: number === undefined || takenNumbers.has(number) ? null : number,
  };
}
