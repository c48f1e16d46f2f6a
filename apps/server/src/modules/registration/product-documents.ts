import type { KeyObject } from 'node:crypto';
import type { Clock } from '@holdfast/kernel';
import { HeartbeatKeyDerivation } from '@holdfast/protocol';
import {
  createAccessToken,
  deriveKey,
  KeyLabel,
  sealReceipt,
  TrustError,
  verifyAccessToken,
  verifyReceipt,
} from '@holdfast/trust';
import type { ProductActor } from '../../platform/access/actor.ts';
import { AccessError } from '../../platform/access/access.errors.ts';
import type { ServerKeys } from '../../platform/keys/server-keys.ts';
import type { ProductRecord } from '../directory/index.ts';
import type { FormerPlace } from './waiting-entry.ts';

/** An access token lasts this long; the product makes a new handshake before. */
export const ACCESS_TOKEN_LIFETIME_MS = 3_600_000;

/** What this server writes for products and later takes back as its own: receipts, access tokens, heartbeat keys. */
export class ProductDocuments {
  readonly #clock: Clock;
  readonly #receiptKey: KeyObject;
  readonly #accessTokenKey: KeyObject;
  readonly #heartbeatKeys: HeartbeatKeyDerivation;

  constructor(keys: ServerKeys, clock: Clock) {
    this.#clock = clock;
    this.#receiptKey = deriveKey(keys.masterKey, KeyLabel.receipt);
    this.#accessTokenKey = deriveKey(keys.masterKey, KeyLabel.accessToken);
    this.#heartbeatKeys = new HeartbeatKeyDerivation(deriveKey(keys.masterKey, KeyLabel.heartbeat));
  }

  sealReceipt(product: ProductRecord): string {
    return sealReceipt(this.#receiptKey, {
      productNumber: product.number,
      thumbprint: product.keyThumbprint,
      deviceId: product.deviceId,
      groupId: product.groupId,
      groupPath: product.groupNames,
      issuedAtMs: this.#clock.now(),
    });
  }

  /** What the receipt says the holder of this key was; `null` when it is none of this server, or another's. */
  readReceipt(receipt: string | undefined, keyThumbprint: string): FormerPlace | null {
    const read = receipt === undefined ? undefined : this.readReceiptOfAnyKey(receipt);
    return read?.thumbprint === keyThumbprint ? read.former : null;
  }

  /** The same whoever shows it; `undefined` when this server did not seal it. Proves nothing about who shows it. */
  readReceiptOfAnyKey(
    receipt: string,
  ): { readonly thumbprint: string; readonly former: FormerPlace } | undefined {
    try {
      const { thumbprint, productNumber, deviceId, groupId, groupPath } = verifyReceipt(
        this.#receiptKey,
        receipt,
      );
      return { thumbprint, former: { productNumber, deviceId, groupId, groupPath: [...groupPath] } };
    } catch (error) {
      // A receipt of another server proves nothing here, and is no reason to refuse its holder.
      if (error instanceof TrustError) return undefined;
      throw error;
    }
  }

  createAccessToken(productNumber: number, epoch: number): string {
    const expiresAtMs = this.#clock.now() + ACCESS_TOKEN_LIFETIME_MS;
    return createAccessToken(this.#accessTokenKey, { productNumber, epoch, expiresAtMs });
  }

  /**
   * @param findEpoch the only epoch of a product that is good now
   * @throws AccessError ACCESS_TOKEN_INVALID, ACCESS_TOKEN_EXPIRED
   */
  verifyAccessToken(token: string, findEpoch: (productNumber: number) => number | undefined): ProductActor {
    try {
      const { productNumber, epoch } = verifyAccessToken(this.#accessTokenKey, token, this.#clock.now());
      return this.requireEpoch({ kind: 'product', productNumber, epoch }, findEpoch);
    } catch (error) {
      const isExpired = error instanceof TrustError && error.code === 'ACCESS_TOKEN_EXPIRED';
      if (!(error instanceof TrustError)) throw error;
      if (isExpired) {
        throw new AccessError('ACCESS_TOKEN_EXPIRED', 'The access token has expired.', {
          remedy: 'Make a new handshake.',
        });
      }
      throw createTokenInvalid();
    }
  }

  /** The product, as long as this is the epoch of its last handshake. @throws AccessError ACCESS_TOKEN_INVALID */
  requireEpoch(
    product: ProductActor,
    findEpoch: (productNumber: number) => number | undefined,
  ): ProductActor {
    if (findEpoch(product.productNumber) === product.epoch) return product;
    throw createTokenInvalid();
  }

  heartbeatKeyFor(productNumber: number, epoch: number): Uint8Array {
    return this.#heartbeatKeys.deriveKey(productNumber, epoch);
  }
}

function createTokenInvalid(): AccessError {
  return new AccessError('ACCESS_TOKEN_INVALID', 'The access token is not valid.', {
    remedy: 'Make a new handshake.',
  });
}
