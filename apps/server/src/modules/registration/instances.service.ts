import type { Clock } from '@holdfast/kernel';
import type { HandshakeRequest } from '@holdfast/protocol';
import type { Database, Transaction } from '../../platform/database/index.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import type { ProductRecord, ProductRecords } from '../directory/index.ts';
import { judgeInstance } from './instance-judgement.ts';
import {
  deleteSilentCopies,
  listInstances,
  refuseInstance,
  type StoredInstance,
  writeInstance,
} from './instances.store.ts';

const SILENT_COPY_MS = 90 * 86_400_000;

export interface InstanceDependencies {
  readonly platform: Pick<Platform, 'database' | 'clock' | 'recordAuditEntry' | 'recordEvents'>;
  readonly records: Pick<ProductRecords, 'findHardwareId' | 'writeHardwareId'>;
}

/** A handshake whose product is known and locked. */
export interface InstanceHandshake {
  readonly product: ProductRecord;
  readonly epoch: number;
  readonly request: HandshakeRequest;
  readonly challengedAtMs: number;
  readonly facts: RequestFacts;
}

export interface InstanceOutcome {
  readonly kind: 'admitted' | 'refused' | 'late';
}

/** Tells two computers with one key from one that restarts, by what is written down about the last starts of each product. */
export class InstanceService {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #platform: InstanceDependencies['platform'];
  readonly #records: InstanceDependencies['records'];

  constructor({ platform, records }: InstanceDependencies) {
    this.#db = platform.database;
    this.#clock = platform.clock;
    this.#platform = platform;
    this.#records = records;
  }

  /** Judges a handshake and writes down what follows; a product that tells no instance is admitted. */
  async judge(transaction: Transaction, handshake: InstanceHandshake): Promise<InstanceOutcome> {
    const { challengedAtMs, epoch, facts, product, request } = handshake;
    const { device, instance } = request;
    if (instance === undefined) return { kind: 'admitted' };
    const nowMs = this.#clock.now();
    const known = await listInstances(transaction, product.number);
    const hardwareId = device.hardwareId ?? null;
    const verdict = judgeInstance(
      known,
      { instance, hardwareId, challengedAtMs },
      { hardwareId: await this.#records.findHardwareId(transaction, product.deviceId), nowMs },
    );
    if (verdict.kind === 'late') return { kind: 'late' };
    const isRefused = verdict.kind === 'refused';
    const own = known.find((it) => it.instance === instance);
    const arriving = { deviceName: device.name, remoteAddress: facts.remoteAddress };
    await writeInstance(transaction, {
      productNumber: product.number,
      instance,
      state: isRefused ? 'refused' : 'admitted',
      hardwareId,
      ...arriving,
      epoch: isRefused ? (own?.lastEpoch ?? product.epoch) : epoch,
      challengedAtMs,
      seenAt: new Date(nowMs),
    });
    if (verdict.kind === 'admitted') {
      if (verdict.isHardwareNew && product.isPrimary) {
        await this.#records.writeHardwareId(transaction, product.deviceId, hardwareId);
      }
      return { kind: 'admitted' };
    }
    if (verdict.kind === 'refused') {
      const inPlace = known.filter((it) => !it.isRefused).toSorted((a, b) => b.lastEpoch - a.lastEpoch)[0];
      if (verdict.isNews) await this.#record(transaction, handshake, { kept: inPlace, refused: arriving });
      return { kind: 'refused' };
    }
    await refuseInstance(transaction, product.number, verdict.refused);
    const refused = known.find((it) => it.instance === verdict.refused);
    await this.#record(transaction, handshake, { kept: arriving, refused });
    return { kind: 'admitted' };
  }

  /** @returns how many were forgotten */
  async forgetSilentCopies(now: Date): Promise<number> {
    return await deleteSilentCopies(this.#db, new Date(now.getTime() - SILENT_COPY_MS));
  }

  async #record(
    transaction: Transaction,
    { epoch, facts, product }: InstanceHandshake,
    sides: Readonly<
      Record<'kept' | 'refused', Pick<StoredInstance, 'deviceName' | 'remoteAddress'> | undefined>
    >,
  ): Promise<void> {
    await this.#platform.recordEvents(transaction, {
      type: 'product.key-shared',
      objectId: String(product.number),
      groupIds: product.groupPath,
      data: {
        deviceId: product.deviceId,
        deviceName: product.deviceName,
        refusedName: sides.refused?.deviceName ?? '',
        refusedAddress: sides.refused?.remoteAddress ?? '',
      },
    });
    await this.#platform.recordAuditEntry(
      transaction,
      { kind: 'product', productNumber: product.number, epoch, deviceName: product.deviceName },
      {
        action: 'product.key-shared',
        objectKind: 'device',
        objectId: product.deviceId,
        objectName: product.deviceName,
        scopeGroupId: product.groupId,
        details: {
          productNumber: product.number,
          keyThumbprint: product.keyThumbprint,
          keptName: sides.kept?.deviceName ?? '',
          keptAddress: sides.kept?.remoteAddress ?? '',
          refusedName: sides.refused?.deviceName ?? '',
          refusedAddress: sides.refused?.remoteAddress ?? '',
        },
      },
      facts,
    );
  }
}
