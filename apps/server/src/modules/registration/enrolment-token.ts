/** An enrolment token as it is stored, without its secret. */
export interface EnrolmentTokenRecord {
  readonly id: string;
  readonly name: string;
  readonly secretHash: Uint8Array;
  /** Null when its group is gone: what joins with it goes to "New devices". */
  readonly groupId: string | null;
  readonly maxUses: number | null;
  readonly uses: number;
  readonly isApprovalNeeded: boolean;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
}

export type EnrolmentTokenState = 'active' | 'used-up' | 'expired' | 'revoked';

/** What people decided goes before what happened by itself. */
export function stateOfToken(
  token: Pick<EnrolmentTokenRecord, 'maxUses' | 'uses' | 'expiresAt' | 'revokedAt'>,
  nowMs: number,
): EnrolmentTokenState {
  if (token.revokedAt !== null) return 'revoked';
  // Written so that a time that is none counts as past.
  if (!(nowMs < token.expiresAt.getTime())) return 'expired';
  return token.maxUses !== null && token.uses >= token.maxUses ? 'used-up' : 'active';
}
