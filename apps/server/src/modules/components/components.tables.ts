import type { ColumnType, Generated } from 'kysely';
import type { ComponentStateWord } from '@holdfast/api';
import type { Immutable } from '../../platform/database/schema.ts';

export interface ComponentRepositoryTable {
  readonly is_only: Generated<boolean>;
  readonly first_root: Immutable<Buffer>;
  readonly fingerprint: Immutable<string>;
  readonly trusted_at: Immutable<Date>;
  readonly trusted_by: Immutable<string>;
  readonly expires_at: Date | null;
  readonly catalogue_version: ColumnType<string | null, null | undefined, number | null>;
}

export interface ComponentSourceTable {
  readonly id: Immutable<string>;
  readonly position: number;
  readonly name: string;
  readonly name_key: string;
  readonly kind: Immutable<'web' | 'folder'>;
  readonly address: string;
  readonly proxy: string | null;
  readonly user_name: string | null;
  readonly proxy_user_name: string | null;
  readonly sealed_password: Buffer | null;
  readonly sealed_proxy_password: Buffer | null;
  readonly sealed_key: Buffer | null;
  readonly public_key: string | null;
  readonly created_at: Immutable<Date>;
  readonly revision: Generated<number>;
}

export interface ComponentDownloadTable {
  readonly id: Immutable<string>;
  readonly state: 'waiting' | 'running' | 'succeeded' | 'failed';
  readonly requested_by: Immutable<string>;
  readonly requested_at: Immutable<Date>;
  readonly ended_at: Date | null;
  readonly source_name: string | null;
  readonly done_bytes: Generated<string>;
  readonly total_bytes: ColumnType<string | null, number | null, number | null>;
  readonly new_releases: Generated<number>;
  readonly error_code: string | null;
  readonly error: string | null;
}

export interface ComponentTable {
  readonly id: Immutable<string>;
  readonly kind: 'pattern' | 'rules' | 'engine' | 'program';
  readonly title: string;
  readonly platforms: unknown;
  readonly handler: string;
  readonly newest_release: string;
  readonly is_offered: Generated<boolean>;
}

export interface ComponentReleaseTable {
  readonly component_id: Immutable<string>;
  readonly release: Immutable<string>;
  readonly version: Immutable<string>;
  readonly is_urgent: boolean;
  readonly full_bytes: Immutable<string>;
  readonly increments: unknown;
  readonly arrived_at: Immutable<Date>;
}

export interface ComponentProductTable {
  readonly product_number: Immutable<number>;
  readonly component_id: Immutable<string>;
  readonly release: string | null;
  readonly state: ComponentStateWord;
  readonly target: string | null;
  readonly version: string | null;
  readonly code: string | null;
  readonly reason: string | null;
  readonly changed_at: Date;
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    component_repository: ComponentRepositoryTable;
    component_source: ComponentSourceTable;
    component_download: ComponentDownloadTable;
    component: ComponentTable;
    component_release: ComponentReleaseTable;
    component_product: ComponentProductTable;
  }
}
