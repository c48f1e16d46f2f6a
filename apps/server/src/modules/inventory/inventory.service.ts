import { type InventoryAnswer, type InventoryRequest, limits, MessageError } from '@holdfast/protocol';
import type { ProductActor } from '../../platform/access/actor.ts';
import { inTransaction } from '../../platform/database/index.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import type { DirectoryModule } from '../directory/index.ts';
import type { PresenceModule } from '../presence/index.ts';
import {
  areFixedDisksEncrypted,
  describeSystem,
  digestFacts,
  findOwnAddress,
  findRenaming,
  pickFacts,
  readReportedFields,
} from './inventory-facts.ts';
import { InventoryError } from './inventory.errors.ts';
import { lockInventory, replaceInventory, touchInventory } from './inventory.store.ts';

export interface InventoryServiceDependencies {
  readonly platform: Pick<Platform, 'database' | 'clock' | 'recordEvents'>;
  readonly directory: Pick<DirectoryModule, 'findProduct' | 'records'>;
  readonly presence: Pick<PresenceModule, 'recordSign'>;
}

/** Milliseconds of the year 10000, beyond which the database and people read times differently. */
const END_OF_TIME_MS = 253_402_300_800_000;

export class InventoryService {
  readonly #deps: InventoryServiceDependencies;

  constructor(deps: InventoryServiceDependencies) {
    this.#deps = deps;
  }

  /** Stores the facts of the device for which the product stands. */
  async replace(
    actor: ProductActor,
    received: InventoryRequest,
    request: RequestFacts,
  ): Promise<InventoryAnswer> {
    const { directory, platform, presence } = this.#deps;
    presence.recordSign(actor.productNumber, 'inventory');
    const product = await directory.findProduct(actor.productNumber);
    if (product?.isPrimary !== true) {
      throw new InventoryError('INVENTORY_NOT_ACCEPTED', 'Another product reports the facts of this device.');
    }
    if (!(received.collectedAt < END_OF_TIME_MS)) {
      throw new InventoryError('INVENTORY_INVALID', 'The time at which the facts were collected is none.');
    }
    if (Buffer.byteLength(JSON.stringify(received.facts)) > limits.maxInventoryBytes) {
      throw new MessageError(
        'MESSAGE_TOO_LARGE',
        `The facts are larger than ${limits.maxInventoryBytes} bytes.`,
        { facts: { place: '/facts', maxBytes: limits.maxInventoryBytes } },
      );
    }
    const facts = pickFacts(received.facts);
    const digest = digestFacts(facts);
    const { deviceId } = product;
    const stored = {
      deviceId,
      collectedAt: new Date(received.collectedAt),
      receivedAt: new Date(platform.clock.now()),
      digest,
      facts,
    };
    const isChanged = await inTransaction(platform.database, async (transaction) => {
      const old = await lockInventory(transaction, deviceId);
      const isNew = old === undefined || !old.digest.equals(digest);
      if (isNew) await replaceInventory(transaction, stored);
      else await touchInventory(transaction, stored);
      await directory.records.recordDeviceFacts(transaction, product, {
        ...readReportedFields(facts),
        system: describeSystem(facts),
        remoteAddress: request.remoteAddress,
        ownAddress: findOwnAddress(facts),
        isEncrypted: areFixedDisksEncrypted(facts),
        renamed: findRenaming(old?.hostName, facts.hostName),
      });
      if (isNew)
        await platform.recordEvents(transaction, {
          type: 'inventory.changed',
          objectId: deviceId,
          groupIds: product.groupPath,
          data: { deviceName: product.deviceName, collectedAt: stored.collectedAt.toISOString() },
        });
      return isNew;
    });
    return { digest: digest.toString('base64url'), changed: isChanged };
  }
}
