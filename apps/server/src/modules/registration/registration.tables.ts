import type { ColumnType, Generated } from 'kysely';
import type { Immutable } from '../../platform/database/schema.ts';

export interface EnrolmentTokenTable {
  readonly id: Immutable<string>;
  readonly name: Immutable<string>;
  readonly secret_hash: Immutable<Buffer>;
  readonly group_id: Immutable<string | null>;
  readonly max_uses: Immutable<number | null>;
  readonly uses: Generated<number>;
  readonly is_approval_needed: Immutable<boolean>;
  readonly created_at: Immutable<Date>;
  readonly created_by: Immutable<string>;
  readonly expires_at: Immutable<Date>;
  readonly revoked_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}

export interface WaitingRegistrationTable {
  readonly id: Immutable<string>;
  readonly kind: 'approval' | 're-admission' | 'copied';
  readonly state: Generated<'waiting' | 'refused'>;
  readonly key_thumbprint: Immutable<string>;
  readonly public_jwk: ColumnType<unknown, string, never>;
  readonly request: ColumnType<unknown, string, string>;
  readonly token_id: string | null;
  readonly receipt: ColumnType<unknown, string | null, string | null>;
  readonly remote_address: string;
  readonly first_seen_at: Immutable<Date>;
  readonly last_seen_at: Date;
}

export interface ProductInstanceTable {
  readonly product_number: Immutable<number>;
  readonly instance: Immutable<string>;
  readonly state: 'admitted' | 'refused';
  readonly hardware_id: string | null;
  readonly device_name: string;
  readonly remote_address: string;
  readonly first_epoch: Immutable<number>;
  readonly last_epoch: number;
  readonly challenged_at: Date;
  readonly first_seen_at: Immutable<Date>;
  readonly last_seen_at: Date;
  readonly settled_at: Date | null;
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    enrolment_token: EnrolmentTokenTable;
    waiting_registration: WaitingRegistrationTable;
    product_instance: ProductInstanceTable;
  }
}
