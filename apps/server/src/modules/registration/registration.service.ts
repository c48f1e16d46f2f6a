import { parseRegistrationRequest, type RegistrationAnswer, type SignedBody } from '@holdfast/protocol';
import { AssertionPurpose, type VerifiedAssertion } from '@holdfast/trust';
import { inTransaction, type Transaction } from '../../platform/database/index.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import type { JoinedProduct, ProductRecord, ProductRecords } from '../directory/index.ts';
import type { PresenceModule } from '../presence/index.ts';
import type { Arrival, DoorService } from './door.service.ts';
import type { EnrolmentTokenService } from './enrolment-tokens.service.ts';
import type { PlacedToken } from './enrolment-tokens.store.ts';
import type { ProductDocuments } from './product-documents.ts';
import type { ProofDesk } from './proof-desk.ts';
import { createProductDisabled, RegistrationError } from './registration.errors.ts';
import { describeTwin } from './twin-facts.ts';

export interface RegistrationDependencies {
  readonly platform: Pick<Platform, 'database' | 'recordAuditEntry'>;
  readonly records: ProductRecords;
  readonly presence: Pick<PresenceModule, 'addProduct'>;
  readonly proofs: ProofDesk;
  readonly documents: ProductDocuments;
  readonly tokens: EnrolmentTokenService;
  readonly door: DoorService;
}

/** What became of a registration, with the status that says so. */
export interface RegistrationOutcome {
  readonly status: 200 | 201 | 202;
  readonly answer: RegistrationAnswer;
}

type Registered =
  | { readonly kind: 'known'; readonly product: ProductRecord }
  | {
      readonly kind: 'joined';
      readonly joined: JoinedProduct;
      readonly tokenId: string;
      readonly wasWaiting: boolean;
    }
  | {
      readonly kind: 'waits';
      readonly isNew: boolean;
      readonly tokenId: string | null;
      readonly deviceName: string;
    };

/** Joining once: a product with a key of its own and a token from an administrator becomes a record. */
export class RegistrationService {
  readonly #deps: RegistrationDependencies;

  constructor(deps: RegistrationDependencies) {
    this.#deps = deps;
  }

  /** @throws the errors of the proof, of the token, and RegistrationError REGISTRATION_REFUSED, PRODUCT_DISABLED */
  async register(body: SignedBody, request: RequestFacts): Promise<RegistrationOutcome> {
    const { documents, door, platform, presence, tokens } = this.#deps;
    const assertion = await this.#deps.proofs.prove(body, AssertionPurpose.registration);
    const registered = await inTransaction(platform.database, (transaction) =>
      this.#decide(transaction, assertion, body.request, request),
    );
    if (registered.kind === 'waits') {
      if (registered.isNew) {
        const { deviceName, tokenId } = registered;
        tokens.noteArrival(tokenId, {
          state: 'waiting',
          deviceName,
          deviceId: null,
          keyThumbprint: assertion.thumbprint,
        });
        await door.announce();
      }
      return { status: 202, answer: { state: 'awaiting-approval', retryAfterMs: await door.retryAfterMs() } };
    }
    const product = registered.kind === 'known' ? registered.product : registered.joined.product;
    if (registered.kind === 'joined') {
      presence.addProduct(product.number);
      const { deviceId, deviceName, keyThumbprint } = product;
      tokens.noteArrival(registered.tokenId, { state: 'joined', deviceName, deviceId, keyThumbprint });
      if (registered.wasWaiting) await door.announce();
    }
    return {
      status: registered.kind === 'known' ? 200 : 201,
      answer: {
        state: 'registered',
        productNumber: product.number,
        deviceId: product.deviceId,
        groupId: product.groupId,
        groupPath: [...product.groupNames],
        receipt: documents.sealReceipt(product),
      },
    };
  }

  async #decide(
    transaction: Transaction,
    assertion: VerifiedAssertion,
    requestText: string,
    facts: RequestFacts,
  ): Promise<Registered> {
    const { door, records, tokens } = this.#deps;
    const request = parseRegistrationRequest(requestText);
    const known = await records.findByKeyInTurn(transaction, assertion.thumbprint);
    if (known !== undefined) {
      // It comes back to its record. The key is the proof; the token is neither needed nor used up.
      if (known.state === 'disabled') throw createProductDisabled();
      return { kind: 'known', product: known };
    }
    const { product, device, capabilities } = request;
    const joining = { product, device, capabilities };
    if ('receipt' in request) {
      return await this.#waitAsCopy(transaction, assertion, request.receipt, {
        request: joining,
        remoteAddress: facts.remoteAddress,
      });
    }
    const token = await tokens.findShown(transaction, request.token);
    // Somebody gave this token for a part of the directory; while that is not there, only an administrator can say where
    // else the device belongs.
    const place = await records.findTokenPlace(transaction, token.groupId);
    if (token.isApprovalNeeded || place === undefined) {
      return await this.#wait(transaction, assertion, token, {
        request: joining,
        remoteAddress: facts.remoteAddress,
      });
    }
    const joined = await records.join(transaction, {
      keyThumbprint: assertion.thumbprint,
      publicJwk: assertion.publicJwk,
      ...joining,
      group: place,
      remoteAddress: facts.remoteAddress,
    });
    const wasWaiting = await door.forget(transaction, assertion.thumbprint);
    // Late, because everybody who comes with the same token waits for this until the commit.
    await tokens.takeUse(transaction, token);
    await this.#record(transaction, joined, token, facts);
    return { kind: 'joined', joined, wasWaiting, tokenId: token.id };
  }

  async #wait(
    transaction: Transaction,
    assertion: VerifiedAssertion,
    token: PlacedToken,
    arriving: Pick<Arrival, 'request' | 'remoteAddress'>,
  ): Promise<Registered> {
    const { door, tokens } = this.#deps;
    const arrival = {
      kind: 'approval',
      keyThumbprint: assertion.thumbprint,
      publicJwk: assertion.publicJwk,
      tokenId: token.id,
      former: null,
      ...arriving,
    } as const;
    const waits = { kind: 'waits', tokenId: token.id, deviceName: arriving.request.device.name } as const;
    const entry = await door.findOfKey(transaction, assertion.thumbprint);
    if (entry?.tokenId === token.id) {
      if (entry.state === 'refused') throw createRefused();
      await door.refresh(transaction, entry, arrival);
      return { ...waits, isNew: false };
    }
    // Another token is another decision: what was said about an earlier one no longer counts.
    await door.forget(transaction, assertion.thumbprint);
    await tokens.takeUse(transaction, token);
    await door.admitToApproval(transaction, arrival);
    return { ...waits, isNew: true };
  }

  /** A receipt says whose copy it is and proves no more than that: an administrator always decides. */
  async #waitAsCopy(
    transaction: Transaction,
    assertion: VerifiedAssertion,
    receipt: string,
    arriving: Pick<Arrival, 'request' | 'remoteAddress'>,
  ): Promise<Registered> {
    const { documents, door } = this.#deps;
    const read = documents.readReceiptOfAnyKey(receipt);
    if (read === undefined) {
      throw new RegistrationError('RECEIPT_INVALID', 'The receipt is not one of this server.', {
        remedy: 'Register with an enrolment token.',
      });
    }
    const arrival: Arrival = {
      kind: 'copied',
      keyThumbprint: assertion.thumbprint,
      publicJwk: assertion.publicJwk,
      tokenId: null,
      former: read.former,
      ...arriving,
    };
    const waits = { kind: 'waits', tokenId: null, deviceName: arriving.request.device.name } as const;
    const entry = await door.findOfKey(transaction, assertion.thumbprint);
    if (entry?.kind === 'copied') {
      if (entry.state === 'refused') throw createRefused();
      await door.refresh(transaction, entry, arrival);
      return { ...waits, isNew: false };
    }
    await door.forget(transaction, assertion.thumbprint);
    await door.admitCopy(transaction, arrival);
    return { ...waits, isNew: true };
  }

  async #record(
    transaction: Transaction,
    joined: JoinedProduct,
    token: PlacedToken,
    request: RequestFacts,
  ): Promise<void> {
    const { product, twinId } = joined;
    await this.#deps.platform.recordAuditEntry(
      transaction,
      { kind: 'product', productNumber: product.number, epoch: 0, deviceName: product.deviceName },
      {
        action: 'product.registered',
        objectKind: 'device',
        objectId: product.deviceId,
        objectName: product.deviceName,
        scopeGroupId: product.groupId,
        details: {
          productNumber: product.number,
          kind: product.kind,
          keyThumbprint: product.keyThumbprint,
          token: token.name,
          group: product.groupNames,
        },
        ...describeTwin(twinId),
      },
      request,
    );
  }
}

function createRefused(): RegistrationError {
  return new RegistrationError('REGISTRATION_REFUSED', 'An administrator has refused this registration.', {
    remedy: 'Ask an administrator why, and for another token.',
  });
}
