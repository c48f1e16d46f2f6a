import type { AuditAction, EnrolmentToken, TokenArrival } from '@holdfast/api';
import { encodeEnrolmentToken } from '@holdfast/protocol';
import { createSecret, hashSecret, isSecretOfHash } from '@holdfast/trust';
import {
  type Actor,
  actorNameOf,
  mayAt,
  requirePermission,
  type Sight,
} from '../../platform/access/actor.ts';
import { inTransaction, type Transaction } from '../../platform/database/index.ts';
import { composeName } from '../../platform/http/composed-name.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import { listServerAddresses } from '../../platform/server-state.ts';
import type { SettingsModule } from '../settings/index.ts';
import {
  type DirectoryModule,
  NEW_DEVICES_GROUP_ID,
  requireGroup,
  TOP_GROUP_ID,
} from '../directory/index.ts';
import { type EnrolmentTokenRecord, stateOfToken } from './enrolment-token.ts';
import {
  deleteEndedTokens,
  findToken,
  findTokens,
  insertToken,
  listTokens,
  type PlacedToken,
  revokeToken,
  takeTokenUses,
} from './enrolment-tokens.store.ts';
import { RecentArrivals } from './recent-arrivals.ts';
import { RegistrationError } from './registration.errors.ts';

export type TokenPlatform = Pick<
  Platform,
  'database' | 'clock' | 'live' | 'createId' | 'recordAuditEntry' | 'recordEvents' | 'keys' | 'server'
>;

export interface NewEnrolmentToken {
  readonly name: string;
  readonly groupId: string;
  readonly maxUses: number | null;
  readonly expiresInMs: number;
  readonly isApprovalNeeded: boolean;
}

export interface CreatedEnrolmentToken {
  readonly token: EnrolmentToken;
  /** Seen once, by whoever created it. */
  readonly tokenString: string;
  readonly addresses: string[];
}

/** What a product shows of a token. */
export interface ShownToken {
  readonly id: string;
  readonly secret: string;
}

/** The places of the group that takes what has no other. */
const NEW_DEVICES = { path: [TOP_GROUP_ID, NEW_DEVICES_GROUP_ID], names: ['New devices'] } as const;
/** How long an ended token stays in the list and its holder is told why it is refused. */
const ENDED_MS = 90 * 86_400_000;
// Compared with when there is no token of that id, so that timing reveals nothing.
const NO_HASH = new Uint8Array(32);

export interface EnrolmentTokenParts {
  readonly platform: TokenPlatform;
  readonly directory: Pick<DirectoryModule, 'findGroup'>;
  readonly settings: Pick<SettingsModule, 'serverAddresses'>;
}

/** Enrolment tokens: who may let products join, where, how often and until when. */
export class EnrolmentTokenService {
  readonly #platform: TokenPlatform;
  readonly #arrivals = new RecentArrivals();
  readonly #directory: Pick<DirectoryModule, 'findGroup'>;
  readonly #settings: Pick<SettingsModule, 'serverAddresses'>;

  constructor({ platform, directory, settings }: EnrolmentTokenParts) {
    this.#platform = platform;
    this.#settings = settings;
    this.#directory = directory;
  }

  async listTokens(actor: Actor): Promise<EnrolmentToken[]> {
    requirePermission(actor, 'enrolment-tokens:read');
    const tokens = await listTokens(this.#platform.database);
    return tokens
      .filter((token) => mayAt(actor, 'enrolment-tokens:read', pathOf(token)))
      .map((token) => this.#toContract(token));
  }

  async createToken(
    actor: Actor,
    input: NewEnrolmentToken,
    request?: RequestFacts,
  ): Promise<CreatedEnrolmentToken> {
    requirePermission(actor, 'enrolment-tokens:manage');
    const { clock, createId, keys, server } = this.#platform;
    const group = requireGroup(
      actor,
      'enrolment-tokens:manage',
      await this.#directory.findGroup(input.groupId),
    );
    const secret = createSecret();
    const nowMs = clock.now();
    const record: EnrolmentTokenRecord = {
      id: createId(),
      name: composeName(input.name),
      secretHash: hashSecret(secret.reveal()),
      groupId: input.groupId,
      maxUses: input.maxUses,
      uses: 0,
      isApprovalNeeded: input.isApprovalNeeded,
      createdAt: new Date(nowMs),
      createdBy: actorNameOf(actor),
      expiresAt: new Date(nowMs + input.expiresInMs),
      revokedAt: null,
    };
    await inTransaction(this.#platform.database, async (transaction) => {
      await insertToken(transaction, record);
      await this.#platform.recordEvents(transaction, {
        type: 'enrolment-token.created',
        objectId: record.id,
        groupIds: group.path,
        data: {
          name: record.name,
          maxUses: record.maxUses,
          isApprovalNeeded: record.isApprovalNeeded,
          expiresAt: record.expiresAt.toISOString(),
        },
      });
      await this.#record(transaction, actor, 'enrolment-token.created', record, request, {
        group: group.names,
        maxUses: input.maxUses,
        expiresAt: record.expiresAt.toISOString(),
        isApprovalNeeded: input.isApprovalNeeded,
      });
    });
    const addresses = listServerAddresses(this.#settings.serverAddresses(), server.publicAddresses());
    return {
      token: this.#toContract({ ...record, groupPath: group.path, groupNames: group.names }),
      addresses,
      tokenString: encodeEnrolmentToken({
        addresses,
        fingerprint: keys.authorities.current.fingerprint,
        tokenId: record.id,
        secret: secret.reveal(),
      }),
    };
  }

  /** Who came with it lately, where the caller sees devices at all. */
  async listArrivals(actor: Actor, tokenId: string): Promise<TokenArrival[]> {
    requirePermission(actor, 'enrolment-tokens:read');
    const token = await findToken(this.#platform.database, tokenId);
    if (token === undefined) throw createTokenNotFound();
    requirePermission(actor, 'enrolment-tokens:read', pathOf(token), tokenSight);
    return mayAt(actor, 'directory:read', pathOf(token)) ? this.#arrivals.of(tokenId) : [];
  }

  /** So that whoever waits for the device sees it. */
  noteArrival(tokenId: string | null, arrival: Omit<TokenArrival, 'at'>): void {
    this.#arrivals.note(tokenId, { ...arrival, at: new Date(this.#platform.clock.now()).toISOString() });
    if (tokenId !== null) this.tellViews();
  }

  async revokeToken(actor: Actor, tokenId: string, request?: RequestFacts): Promise<void> {
    requirePermission(actor, 'enrolment-tokens:manage');
    await inTransaction(this.#platform.database, async (transaction) => {
      const token = await findToken(transaction, tokenId);
      if (token === undefined) throw createTokenNotFound();
      requirePermission(actor, 'enrolment-tokens:manage', pathOf(token), tokenSight);
      if (!(await revokeToken(transaction, tokenId, new Date(this.#platform.clock.now())))) return;
      await this.#platform.recordEvents(transaction, {
        type: 'enrolment-token.revoked',
        objectId: token.id,
        groupIds: pathOf(token),
        data: { name: token.name, uses: token.uses },
      });
      await this.#record(transaction, actor, 'enrolment-token.revoked', token, request, { uses: token.uses });
    });
  }

  /**
   * The token that a product shows, if its secret is right and it can still be used. Takes no use yet.
   *
   * @throws RegistrationError ENROLMENT_TOKEN_INVALID, _REVOKED, _EXPIRED
   */
  async findShown(transaction: Transaction, shown: ShownToken): Promise<PlacedToken> {
    return this.#requireUsable(await findToken(transaction, shown.id), shown);
  }

  /** The same for several; undefined for those that are refused. */
  async findAllShown(
    transaction: Transaction,
    shown: readonly ShownToken[],
  ): Promise<(PlacedToken | undefined)[]> {
    const tokens = await findTokens(transaction, [...new Set(shown.map(({ id }) => id))]);
    return shown.map((one) => {
      try {
        return this.#requireUsable(tokens.get(one.id), one);
      } catch (error) {
        if (error instanceof RegistrationError) return undefined;
        throw error;
      }
    });
  }

  #requireUsable(token: PlacedToken | undefined, shown: ShownToken): PlacedToken {
    const isRight = isSecretOfHash(shown.secret, token?.secretHash ?? NO_HASH);
    if (token === undefined || !isRight) {
      // One code for both, so that guessing does not reveal which ids exist.
      throw new RegistrationError(
        'ENROLMENT_TOKEN_INVALID',
        'This enrolment token is not one of this server.',
        {
          remedy: 'Copy the whole token again, or ask for a new one.',
        },
      );
    }
    const state = stateOfToken(token, this.#platform.clock.now());
    if (state === 'revoked') {
      throw new RegistrationError('ENROLMENT_TOKEN_REVOKED', 'This enrolment token has been revoked.', {
        remedy: 'Ask for a new one.',
      });
    }
    if (state === 'expired') {
      throw new RegistrationError('ENROLMENT_TOKEN_EXPIRED', 'This enrolment token has expired.', {
        remedy: 'Ask for a new one.',
        facts: { expiredAt: token.expiresAt.toISOString() },
      });
    }
    return token;
  }

  /** @throws RegistrationError ENROLMENT_TOKEN_USED_UP */
  async takeUse(transaction: Transaction, token: PlacedToken): Promise<void> {
    if ((await this.takeUses(transaction, [token])).has(token.id)) return;
    throw new RegistrationError('ENROLMENT_TOKEN_USED_UP', 'This enrolment token has been used up.', {
      remedy: 'Ask for a new one.',
      ...(token.maxUses === null ? {} : { facts: { maxUses: token.maxUses } }),
    });
  }

  /** One use each; a token with too few uses left keeps all of them. @returns the tokens that had */
  async takeUses(
    transaction: Transaction,
    tokens: readonly Pick<PlacedToken, 'id'>[],
  ): Promise<ReadonlySet<string>> {
    const uses = new Map<string, number>();
    for (const { id } of tokens) uses.set(id, (uses.get(id) ?? 0) + 1);
    return await takeTokenUses(transaction, uses, new Date(this.#platform.clock.now()));
  }

  /** @returns how many were forgotten */
  async forgetLongEnded(now: Date): Promise<number> {
    const count = await deleteEndedTokens(this.#platform.database, new Date(now.getTime() - ENDED_MS));
    if (count > 0) this.tellViews();
    return count;
  }

  /** Of uses, which are part of what happens to others, and of what was forgotten. */
  tellViews(): void {
    this.#platform.live.tell({ event: { type: 'enrolment-tokens' }, permission: 'enrolment-tokens:read' });
  }

  #toContract(token: PlacedToken): EnrolmentToken {
    return {
      id: token.id,
      name: token.name,
      groupId: token.groupNames === null ? NEW_DEVICES_GROUP_ID : (token.groupId ?? NEW_DEVICES_GROUP_ID),
      groupPath: [...(token.groupNames ?? NEW_DEVICES.names)],
      maxUses: token.maxUses,
      uses: token.uses,
      isApprovalNeeded: token.isApprovalNeeded,
      state: stateOfToken(token, this.#platform.clock.now()),
      createdAt: token.createdAt.toISOString(),
      createdBy: token.createdBy,
      expiresAt: token.expiresAt.toISOString(),
    };
  }

  async #record(
    transaction: Transaction,
    actor: Actor,
    action: AuditAction,
    token: Pick<EnrolmentTokenRecord, 'id' | 'name' | 'groupId'>,
    request: RequestFacts | undefined,
    details: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    await this.#platform.recordAuditEntry(
      transaction,
      actor,
      {
        action,
        objectKind: 'enrolment-token',
        objectId: token.id,
        objectName: token.name,
        ...(token.groupId === null ? {} : { scopeGroupId: token.groupId }),
        details,
      },
      request,
    );
  }
}

const tokenSight: Sight = { permission: 'enrolment-tokens:read', createNotFound: createTokenNotFound };

function createTokenNotFound(): RegistrationError {
  return new RegistrationError('ENROLMENT_TOKEN_NOT_FOUND', 'There is no such enrolment token.');
}

function pathOf(token: PlacedToken): readonly string[] {
  return token.groupPath ?? NEW_DEVICES.path;
}
