import type { Permission } from '@holdfast/api';
import type { Immutable } from '../../platform/database/schema.ts';
import type { ThrottleKind } from './throttle-rules.ts';

export interface AdministratorTable {
  readonly id: Immutable<string>;
  readonly name: Immutable<string>;
  readonly name_key: Immutable<string>;
  readonly display_name: string;
  readonly state: 'invited' | 'active' | 'disabled';
  readonly password_verifier: string | null;
  readonly created_at: Immutable<Date>;
  readonly password_changed_at: Date | null;
  readonly last_sign_in_at: Date | null;
}

export interface SessionTable {
  readonly id: Immutable<string>;
  readonly administrator_id: Immutable<string>;
  readonly token_hash: Immutable<Buffer>;
  readonly created_at: Immutable<Date>;
  readonly last_used_at: Date;
  readonly remote_address: string;
  readonly user_agent: string;
}

export interface ApiKeyTable {
  readonly id: Immutable<string>;
  readonly name: Immutable<string>;
  readonly prefix: Immutable<string>;
  readonly key_hash: Immutable<Buffer>;
  readonly permissions: Immutable<Permission[]>;
  readonly scope_group_id: Immutable<string | null>;
  readonly owner_id: Immutable<string>;
  /** The key that made this one; null when an administrator did. */
  readonly made_by_key_id: Immutable<string | null>;
  readonly created_at: Immutable<Date>;
  readonly created_by: Immutable<string>;
  readonly expires_at: Immutable<Date | null>;
  readonly last_used_at: Date | null;
}

export interface AccessRoleTable {
  readonly id: Immutable<string>;
  readonly name: string;
  readonly name_key: string;
  readonly description: string;
  /** Null: every permission that there is. Names of other releases may be among them. */
  readonly permissions: string[] | null;
  readonly is_built_in: Immutable<boolean>;
  readonly revision: number;
  readonly created_at: Immutable<Date>;
  readonly created_by: Immutable<string>;
}

/** One holder, and either a role or permissions of its own. The grant of a new API key is made by the database from its row. */
export interface AccessGrantTable {
  readonly id: Immutable<string>;
  readonly administrator_id: Immutable<string | null>;
  readonly api_key_id: Immutable<string | null>;
  readonly role_id: Immutable<string | null>;
  readonly permissions: Immutable<string[] | null>;
  readonly group_id: Immutable<string | null>;
  readonly created_at: Immutable<Date>;
  readonly created_by: Immutable<string>;
}

export interface OneTimeLinkTable {
  readonly id: Immutable<string>;
  readonly kind: Immutable<'set-up' | 'invitation' | 'recovery'>;
  readonly secret_hash: Immutable<Buffer>;
  readonly administrator_id: Immutable<string | null>;
  readonly created_at: Immutable<Date>;
  readonly expires_at: Immutable<Date>;
  readonly used_at: Date | null;
}

export interface SignInThrottleTable {
  readonly kind: Immutable<ThrottleKind>;
  readonly key_hash: Immutable<Buffer>;
  readonly failures: number;
  readonly last_attempt_at: Date;
  readonly blocked_until: Date | null;
}

export interface SignInOriginTable {
  readonly administrator_id: Immutable<string>;
  readonly address_hash: Immutable<Buffer>;
  readonly last_success_at: Date;
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    administrator: AdministratorTable;
    session: SessionTable;
    api_key: ApiKeyTable;
    access_role: AccessRoleTable;
    access_grant: AccessGrantTable;
    one_time_link: OneTimeLinkTable;
    sign_in_throttle: SignInThrottleTable;
    sign_in_origin: SignInOriginTable;
  }
}
