/**
 * How products join and come back: enrolment tokens, registration, the waiting list, handshakes, access tokens (the
 * Management Communication Protocol, docs/protocol.md, calls 1 to 6). Promises that a key belongs to one product,
 * that a token is never used more often than it may be, that every proof is good once, that of two computers with one key one is refused, and that an unknown product that asks
 * costs a bounded amount of memory and disk. Whether a product is alive is not decided here.
 */
import type { ProductActor } from '../../platform/access/actor.ts';
import { registerErrorStatus } from '../../platform/http/error-status.ts';
import type { Platform } from '../../platform/platform.ts';
import { type DirectoryModule, NEW_DEVICES_GROUP_ID } from '../directory/index.ts';
import type { CommunicationModule } from '../communication/index.ts';
import type { DatagramsModule } from '../datagrams/index.ts';
import type { NotificationModule } from '../notification/index.ts';
import type { PresenceModule } from '../presence/index.ts';
import type { SettingsModule } from '../settings/index.ts';
import { WaitingListService } from './waiting-list.service.ts';
import { EnrolmentTokenService } from './enrolment-tokens.service.ts';
import { HandshakeService } from './handshake.service.ts';
import { InstanceService } from './instances.service.ts';
import { ProductDocuments } from './product-documents.ts';
import { ProofVerifier } from './proof-verifier.ts';
import { proofErrorStatus, registrationErrorStatus } from './registration.errors.ts';
import { registrationEvents } from './registration.events.ts';
import { registerEnrolmentRoutes, registerMcpRoutes } from './registration.routes.ts';
import { RegistrationService } from './registration.service.ts';
import './registration.tables.ts';
import { WaitingService } from './waiting.service.ts';

export interface RegistrationDependencies {
  readonly platform: Pick<
    Platform,
    | 'database'
    | 'preparedDatabase'
    | 'clock'
    | 'events'
    | 'live'
    | 'recordEvents'
    | 'jobs'
    | 'keys'
    | 'server'
    | 'createId'
    | 'recordAuditEntry'
    | 'recordAuditEntries'
    | 'registerRoute'
    | 'registerMcpRoute'
  >;
  readonly directory: DirectoryModule;
  readonly datagrams: DatagramsModule;
  readonly presence: PresenceModule;
  readonly communication: CommunicationModule;
  readonly notification: NotificationModule;
  readonly settings: Pick<SettingsModule, 'serverAddresses'>;
}

export interface RegistrationModule {
  /**
   * Who calls with this access token.
   *
   * @throws AccessError ACCESS_TOKEN_INVALID, ACCESS_TOKEN_EXPIRED
   */
  authenticateProduct(accessToken: string): ProductActor;
  /** The same product, as long as its epoch is the good one. @throws AccessError ACCESS_TOKEN_INVALID */
  lookAtProductAgain(product: ProductActor): ProductActor;
  /** A token for one product on this very computer, for the process that started the server. */
  createLocalEnrolmentToken(): Promise<string>;
}

const LOCAL_TOKEN_LIFETIME_MS = 600_000;

export function createRegistrationModule({
  platform,
  directory,
  datagrams,
  presence,
  communication,
  notification,
  settings,
}: RegistrationDependencies): RegistrationModule {
  const { clock, preparedDatabase, keys } = platform;
  const { records } = directory;
  const proofs = new ProofVerifier(keys, clock);
  const documents = new ProductDocuments(keys, clock);
  const waitingList = new WaitingListService({ platform });
  const instances = new InstanceService({ platform, records });
  const tokens = new EnrolmentTokenService({ platform, directory, settings });

  registerErrorStatus(registrationErrorStatus);
  registerErrorStatus(proofErrorStatus);
  platform.events.define(registrationEvents);
  // Both used a token, or may have.
  platform.events.follow(['product.registered', 'registration.waiting'], () => tokens.tellViews());
  registerEnrolmentRoutes(platform.registerRoute, {
    tokens,
    waiting: new WaitingService({ platform, directory, presence, waitingList, tokens }),
  });
  registerMcpRoutes(platform.registerMcpRoute, {
    keys,
    proofs,
    registrations: new RegistrationService({
      platform: { database: preparedDatabase, recordAuditEntries: platform.recordAuditEntries },
      records,
      presence,
      proofs,
      documents,
      tokens,
      waitingList,
    }),
    handshakes: new HandshakeService({
      platform: { database: preparedDatabase, clock },
      records,
      datagrams,
      presence,
      communication,
      notification,
      proofs,
      documents,
      keys,
      waitingList,
      instances,
      settings,
    }),
  });
  platform.jobs.registerPruning({
    what: 'waiting devices that went silent',
    prune: async (now) => await waitingList.forgetStale(now),
  });
  platform.jobs.registerPruning({
    what: 'copies that went silent',
    prune: async (now) => await instances.forgetSilentCopies(now),
  });
  platform.jobs.registerPruning({
    what: 'enrolment tokens that ended long ago',
    prune: async (now) => await tokens.forgetLongEnded(now),
  });

  return {
    authenticateProduct: (accessToken) =>
      documents.verifyAccessToken(accessToken, (productNumber) => presence.findEpoch(productNumber)),
    lookAtProductAgain: (product) =>
      documents.requireEpoch(product, (productNumber) => presence.findEpoch(productNumber)),
    async createLocalEnrolmentToken() {
      const { tokenString } = await tokens.createToken(
        { kind: 'system', name: 'Holdfast' },
        {
          name: `This computer (${platform.server.name})`.slice(0, 128),
          groupId: NEW_DEVICES_GROUP_ID,
          maxUses: 1,
          expiresInMs: LOCAL_TOKEN_LIFETIME_MS,
          isApprovalNeeded: false,
        },
      );
      return tokenString;
    },
  };
}
