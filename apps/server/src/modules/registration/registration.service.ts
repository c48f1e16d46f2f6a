import {
  parseRegistrationRequest,
  type RegistrationAnswer,
  type RegistrationRequest,
  type SignedBody,
} from '@holdfast/protocol';
import { AssertionPurpose, type VerifiedAssertion } from '@holdfast/trust';
import { checkCompiled } from '../../platform/http/compiled-schema.ts';
import { inTransaction, type Transaction } from '../../platform/database/index.ts';
import type { AuditedAct } from '../../platform/audit/audit.ts';
import { alone, Batches } from '../../platform/batches.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import type { JoinedProduct, JoiningProduct, ProductRecord, ProductRecords } from '../directory/index.ts';
import type { PresenceModule } from '../presence/index.ts';
import type { Arrival, WaitingListService } from './waiting-list.service.ts';
import type { EnrolmentTokenService, ShownToken } from './enrolment-tokens.service.ts';
import type { PlacedToken } from './enrolment-tokens.store.ts';
import type { ProductDocuments } from './product-documents.ts';
import type { ProofVerifier } from './proof-verifier.ts';
import { createProductDisabled, RegistrationError } from './registration.errors.ts';
import { describeTwin } from './twin-facts.ts';

export interface RegistrationDependencies {
  readonly platform: Pick<Platform, 'database' | 'recordAuditEntries'>;
  readonly records: ProductRecords;
  readonly presence: Pick<PresenceModule, 'addProduct'>;
  readonly proofs: ProofVerifier;
  readonly documents: ProductDocuments;
  readonly tokens: EnrolmentTokenService;
  readonly waitingList: WaitingListService;
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

/** A proven registration that waits to be decided. */
interface Applicant {
  readonly assertion: VerifiedAssertion;
  readonly request: RegistrationRequest;
  readonly facts: RequestFacts;
}

/** This many are decided in one commit. */
const MAX_TOGETHER = 16;
/** Connections to the database that those have which are decided alone. */
const MAX_ALONE = 4;

/** Joining once: a product with a key of its own and a token from an administrator becomes a record. */
export class RegistrationService {
  readonly #deps: RegistrationDependencies;
  readonly #decisions: Batches<Applicant, Registered>;

  constructor(deps: RegistrationDependencies) {
    this.#deps = deps;
    const { database } = deps.platform;
    this.#decisions = new Batches({
      maxItems: MAX_TOGETHER,
      maxBatches: 1,
      maxAlone: MAX_ALONE,
      doTogether: (applicants) =>
        inTransaction(database, (transaction) => this.#decideTogether(transaction, applicants)),
      doAlone: (applicant) => inTransaction(database, (transaction) => this.#decide(transaction, applicant)),
    });
  }

  /** @throws the errors of the proof, of the token, and RegistrationError REGISTRATION_REFUSED, PRODUCT_DISABLED */
  async register(body: SignedBody, request: RequestFacts): Promise<RegistrationOutcome> {
    const { documents, waitingList, presence, tokens } = this.#deps;
    const assertion = await this.#deps.proofs.prove(body, AssertionPurpose.registration);
    const registered = await this.#decisions.do({
      assertion,
      request: parseRegistrationRequest(body.request, checkCompiled),
      facts: request,
    });
    if (registered.kind === 'waits') {
      if (registered.isNew) {
        const { deviceName, tokenId } = registered;
        tokens.noteArrival(tokenId, {
          state: 'waiting',
          deviceName,
          deviceId: null,
          keyThumbprint: assertion.thumbprint,
        });
        await waitingList.announce();
      }
      return {
        status: 202,
        answer: { state: 'awaiting-approval', retryAfterMs: await waitingList.retryAfterMs() },
      };
    }
    const product = registered.kind === 'known' ? registered.product : registered.joined.product;
    if (registered.kind === 'joined') {
      presence.addProduct(product.number);
      const { deviceId, deviceName, keyThumbprint } = product;
      tokens.noteArrival(registered.tokenId, { state: 'joined', deviceName, deviceId, keyThumbprint });
      if (registered.wasWaiting) await waitingList.announce();
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

  /**
   * The common case: newcomers whose token admits them at once. Everybody else is decided one by one: who is known, waits or is
   * to wait, shares a key or hardware with somebody, shows a token that is refused or has too few uses, or meets another change.
   */
  async #decideTogether(
    transaction: Transaction,
    applicants: readonly Applicant[],
  ): Promise<(Registered | typeof alone)[]> {
    const { waitingList, platform, records, tokens } = this.#deps;
    let candidates = findDistinct(applicants);
    const keys = candidates.map(({ joining }) => joining.keyThumbprint);
    const newcomers = await records.holdNewcomers(
      transaction,
      candidates.map(({ joining }) => ({
        keyThumbprint: joining.keyThumbprint,
        hardwareId: joining.device.hardwareId ?? null,
      })),
    );
    const waiting = await waitingList.listKeys(transaction, keys);
    candidates = candidates.filter(
      ({ joining: { keyThumbprint } }) => newcomers.has(keyThumbprint) && !waiting.has(keyThumbprint),
    );
    const shown = await tokens.findAllShown(
      transaction,
      candidates.map((candidate) => candidate.token),
    );
    const places = await records.tryHoldPlaces(
      transaction,
      shown.flatMap((token) => token?.groupId ?? []),
    );
    const welcome = candidates.flatMap(({ applicant, joining }, place) => {
      const token = shown[place];
      const group = places.get(token?.groupId ?? '');
      if (token === undefined || token.isApprovalNeeded || group === undefined) return [];
      return [{ applicant, token, joining: { ...joining, group } }];
    });
    const taken = await tokens.takeUses(
      transaction,
      welcome.map(({ token }) => token),
    );
    const admitted = welcome.filter(({ token }) => taken.has(token.id));
    const joined = await records.joinNewcomers(
      transaction,
      admitted.map(({ joining }) => joining),
    );
    const outcomes = new Map<Applicant, Registered>();
    const acts: AuditedAct[] = [];
    for (const [place, { applicant, token }] of admitted.entries()) {
      const record = joined[place];
      if (record === undefined) continue;
      acts.push(describeJoining(record, token, applicant.facts));
      outcomes.set(applicant, { kind: 'joined', joined: record, wasWaiting: false, tokenId: token.id });
    }
    await platform.recordAuditEntries(transaction, acts);
    return applicants.map((applicant) => outcomes.get(applicant) ?? alone);
  }

  async #decide(transaction: Transaction, { assertion, request, facts }: Applicant): Promise<Registered> {
    const { waitingList, platform, records, tokens } = this.#deps;
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
    const wasWaiting = await waitingList.forget(transaction, assertion.thumbprint);
    // Late, because everybody with the same token waits for this row until the commit.
    await tokens.takeUse(transaction, token);
    await platform.recordAuditEntries(transaction, [describeJoining(joined, token, facts)]);
    return { kind: 'joined', joined, wasWaiting, tokenId: token.id };
  }

  async #wait(
    transaction: Transaction,
    assertion: VerifiedAssertion,
    token: PlacedToken,
    arriving: Pick<Arrival, 'request' | 'remoteAddress'>,
  ): Promise<Registered> {
    const { waitingList, tokens } = this.#deps;
    const arrival = {
      kind: 'approval',
      keyThumbprint: assertion.thumbprint,
      publicJwk: assertion.publicJwk,
      tokenId: token.id,
      former: null,
      ...arriving,
    } as const;
    const waits = { kind: 'waits', tokenId: token.id, deviceName: arriving.request.device.name } as const;
    const entry = await waitingList.findOfKey(transaction, assertion.thumbprint);
    if (entry?.tokenId === token.id) {
      if (entry.state === 'refused') throw createRefused();
      await waitingList.refresh(transaction, entry, arrival);
      return { ...waits, isNew: false };
    }
    // Another token is another decision: what was said about an earlier one no longer counts.
    await waitingList.forget(transaction, assertion.thumbprint);
    await tokens.takeUse(transaction, token);
    await waitingList.admitToApproval(transaction, arrival);
    return { ...waits, isNew: true };
  }

  /** A receipt says whose copy it is and proves no more than that: an administrator always decides. */
  async #waitAsCopy(
    transaction: Transaction,
    assertion: VerifiedAssertion,
    receipt: string,
    arriving: Pick<Arrival, 'request' | 'remoteAddress'>,
  ): Promise<Registered> {
    const { documents, waitingList } = this.#deps;
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
    const entry = await waitingList.findOfKey(transaction, assertion.thumbprint);
    if (entry?.kind === 'copied') {
      if (entry.state === 'refused') throw createRefused();
      await waitingList.refresh(transaction, entry, arrival);
      return { ...waits, isNew: false };
    }
    await waitingList.forget(transaction, assertion.thumbprint);
    await waitingList.admitCopy(transaction, arrival);
    return { ...waits, isNew: true };
  }
}

interface Candidate {
  readonly applicant: Applicant;
  readonly token: ShownToken;
  readonly joining: Omit<JoiningProduct, 'group' | 'former'>;
}

/** Those with a token of whom no other one has the key or the hardware: of two, the first. */
function findDistinct(applicants: readonly Applicant[]): Candidate[] {
  const keys = new Set<string>();
  const hardwareIds = new Set<string>();
  return applicants.flatMap((applicant) => {
    const { assertion, request, facts } = applicant;
    if ('receipt' in request) return [];
    const { product, device, capabilities, token } = request;
    const { hardwareId } = device;
    if (keys.has(assertion.thumbprint) || (hardwareId !== undefined && hardwareIds.has(hardwareId)))
      return [];
    keys.add(assertion.thumbprint);
    if (hardwareId !== undefined) hardwareIds.add(hardwareId);
    const joining = {
      keyThumbprint: assertion.thumbprint,
      publicJwk: assertion.publicJwk,
      product,
      device,
      capabilities,
      remoteAddress: facts.remoteAddress,
    };
    return [{ applicant, token, joining }];
  });
}

function describeJoining(
  { product, twinId }: JoinedProduct,
  token: Pick<PlacedToken, 'name'>,
  request: RequestFacts,
): AuditedAct {
  return {
    actor: { kind: 'product', productNumber: product.number, epoch: 0, deviceName: product.deviceName },
    record: {
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
  };
}

function createRefused(): RegistrationError {
  return new RegistrationError('REGISTRATION_REFUSED', 'An administrator has refused this registration.', {
    remedy: 'Ask an administrator why, and for another token.',
  });
}
