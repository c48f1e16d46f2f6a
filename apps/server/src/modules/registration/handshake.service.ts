import { encodeBase64Url } from '@holdfast/kernel';
import {
  authoritiesVersion,
  chooseTransport,
  type HandshakeAnswer,
  limits,
  parseHandshakeRequest,
  type SignedBody,
  type TransportAnswer,
  type TransportRequest,
} from '@holdfast/protocol';
import { AssertionPurpose } from '@holdfast/trust';
import type { ProductActor } from '../../platform/access/actor.ts';
import { inTransaction } from '../../platform/database/index.ts';
import { checkCompiled } from '../../platform/http/compiled-schema.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { ServerKeys } from '../../platform/keys/server-keys.ts';
import type { Platform } from '../../platform/platform.ts';
import type { ProductRecords } from '../directory/index.ts';
import type { CommunicationModule } from '../communication/index.ts';
import type { DatagramsModule } from '../datagrams/index.ts';
import type { NotificationModule } from '../notification/index.ts';
import type { PresenceModule } from '../presence/index.ts';
import type { SettingsModule } from '../settings/index.ts';
import type { WaitingListService } from './waiting-list.service.ts';
import { nextEpoch } from './epoch.ts';
import type { InstanceService } from './instances.service.ts';
import { ACCESS_TOKEN_LIFETIME_MS, type ProductDocuments } from './product-documents.ts';
import type { ProofVerifier } from './proof-verifier.ts';
import { createProductDisabled, RegistrationError } from './registration.errors.ts';

export interface HandshakeDependencies {
  readonly platform: Pick<Platform, 'database' | 'clock'>;
  readonly records: ProductRecords;
  readonly presence: Pick<
    PresenceModule,
    'beginEpoch' | 'nextIntervalMs' | 'returnSpreadMs' | 'setTransport' | 'recordSign'
  >;
  readonly datagrams: Pick<DatagramsModule, 'udpPort' | 'probeNonceFor' | 'takeProbesSeen'>;
  readonly communication: Pick<CommunicationModule, 'assign' | 'effectiveAt'>;
  readonly notification: Pick<NotificationModule, 'beginEpoch' | 'chooseMode' | 'useMode'>;
  readonly proofs: ProofVerifier;
  readonly documents: ProductDocuments;
  readonly keys: Pick<ServerKeys, 'authorities'>;
  readonly waitingList: WaitingListService;
  readonly instances: Pick<InstanceService, 'judge'>;
  readonly settings: Pick<SettingsModule, 'serverAddresses'>;
}

/** Settling how to communicate: at every start of a product, and whenever the server asks. */
export class HandshakeService {
  readonly #deps: HandshakeDependencies;

  constructor(deps: HandshakeDependencies) {
    this.#deps = deps;
  }

  /** @throws the errors of the proof, and RegistrationError PRODUCT_UNKNOWN, PRODUCT_DISABLED, PRODUCT_KEY_SHARED */
  async shakeHands(body: SignedBody, facts: RequestFacts): Promise<HandshakeAnswer> {
    const { platform, datagrams, documents, waitingList, presence, records, communication } = this.#deps;
    const assertion = await this.#deps.proofs.prove(body, AssertionPurpose.handshake);
    const request = parseHandshakeRequest(body.request, checkCompiled);
    const serverTimeMs = platform.clock.now();
    const settled = await inTransaction(platform.database, async (transaction) => {
      const product = await records.lockByKey(transaction, assertion.thumbprint);
      if (product === undefined) return undefined;
      if (product.state === 'disabled') throw createProductDisabled();
      const epoch = nextEpoch(product.epoch, request.lastEpoch, serverTimeMs);
      const { challengedAtMs } = assertion;
      const instance = await this.#deps.instances.judge(transaction, {
        product,
        epoch,
        request,
        challengedAtMs,
        facts,
      });
      // What was learned about the two is stored either way: the refusal comes after the commit.
      if (instance.kind !== 'admitted') return { product, epoch, instance };
      await records.recordHandshake(transaction, product, {
        epoch,
        product: request.product,
        device: request.device,
        capabilities: request.capabilities,
        trusts: request.trusts ?? [],
        remoteAddress: facts.remoteAddress,
        clockSkewMs: serverTimeMs - request.clockMs,
      });
      return { product, epoch, instance };
    });
    if (settled === undefined) {
      const retryAfterMs = await waitingList.rememberUnknown({
        kind: 're-admission',
        keyThumbprint: assertion.thumbprint,
        publicJwk: assertion.publicJwk,
        request: { product: request.product, device: request.device, capabilities: request.capabilities },
        tokenId: null,
        former: documents.readReceipt(request.receipt, assertion.thumbprint),
        remoteAddress: facts.remoteAddress,
      });
      throw new RegistrationError('PRODUCT_UNKNOWN', 'This server has no record of this product.', {
        retry: 'safe',
        facts: { retryAfterMs },
        remedy: 'An administrator can re-admit it in the console, under waiting devices.',
      });
    }
    const { product, epoch, instance } = settled;
    if (instance.kind === 'late') throw createLate();
    if (instance.kind === 'refused') throw createKeyShared();
    // After the commit: proofs of the epoch before are worth nothing from here on.
    const effective = communication.assign(product.number, product.groupPath);
    presence.beginEpoch(product.number, epoch);
    this.#deps.notification.beginEpoch(product.number);
    const isUdpWanted = request.capabilities.udp && effective.transport === 'automatic';
    const port = isUdpWanted ? datagrams.udpPort() : null;
    const addresses = this.#deps.settings.serverAddresses();
    const skewMs = request.clockMs - serverTimeMs;
    return {
      productNumber: product.number,
      deviceId: product.deviceId,
      groupId: product.groupId,
      groupPath: [...product.groupNames],
      receipt: documents.sealReceipt(product),
      accessToken: documents.createAccessToken(product.number, epoch),
      accessTokenExpiresInMs: ACCESS_TOKEN_LIFETIME_MS,
      serverTimeMs,
      warnings: Math.abs(skewMs) > limits.clockSkewWarningMs ? [{ code: 'CLOCK_SKEW', skewMs }] : [],
      heartbeat: {
        key: encodeBase64Url(documents.heartbeatKeyFor(product.number, epoch)),
        epoch,
        intervalMs: presence.nextIntervalMs(product.number),
        offlineTimeoutMs: effective.offlineTimeoutMs,
        udp:
          port === null
            ? null
            : { port, probeNonce: encodeBase64Url(datagrams.probeNonceFor(product.number, epoch)) },
        returnSpreadMs: presence.returnSpreadMs(),
      },
      listenerPort: effective.listenerPort === 0 ? null : effective.listenerPort,
      ...(request.capabilities.capabilityVersion < authoritiesVersion
        ? {}
        : {
            authorities: this.#deps.keys.authorities
              .listTrusted(serverTimeMs)
              .map(({ certificate }) => certificate),
          }),
      ...(addresses.length === 0 ? {} : { addresses: [...addresses] }),
    };
  }

  /**
   * How heartbeats travel from now on, by what both sides saw of the probes, and whether the server can call the product. It
   * tries the product's listener, which takes two seconds where nobody answers.
   */
  async settleTransport(
    actor: ProductActor,
    seen: TransportRequest,
    facts: Pick<RequestFacts, 'remoteAddress'>,
  ): Promise<TransportAnswer> {
    const { communication, datagrams, notification, presence, records } = this.#deps;
    const { productNumber, epoch } = actor;
    const pinned = communication.effectiveAt((await records.findProduct(productNumber))?.groupPath ?? []);
    const { transport, reason } = chooseTransport({
      isHttpsPinned: pinned.transport === 'https',
      serverTakesDatagrams: datagrams.udpPort() !== null,
      probesSeen: datagrams.takeProbesSeen(productNumber, epoch),
      probesSent: seen.probesSent,
      acknowledged: seen.acknowledged,
    });
    const settled = await notification.chooseMode(actor, {
      pinned: pinned.mode,
      transport,
      remoteAddress: facts.remoteAddress,
      listenerPort: seen.listenerPort ?? null,
      canHold: seen.canHold ?? false,
    });
    const { mode, reason: modeReason, listener } = settled;
    const ways = { transport, transportReason: reason, mode, modeReason, listener };
    if (await records.writeWays(productNumber, epoch, ways)) {
      presence.setTransport(productNumber, transport);
      notification.useMode(actor, settled);
    }
    presence.recordSign(productNumber, 'handshake');
    return { transport, reason, mode, modeReason };
  }
}

/** A product that is alive asks again. */
function createLate(): RegistrationError {
  return new RegistrationError('CHALLENGE_INVALID', 'Another start of this product was faster.', {
    retry: 'safe',
    remedy: 'Ask for a new challenge and sign that.',
  });
}

function createKeyShared(): RegistrationError {
  return new RegistrationError('PRODUCT_KEY_SHARED', 'Another computer uses the key of this product.', {
    remedy:
      'This computer is probably a copy. It makes a key of its own and asks for a record of its own; an administrator admits it in the console, under waiting devices.',
  });
}
