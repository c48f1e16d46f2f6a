import type { CommunicationMode, Platform, Transport } from '@holdfast/api';
import type { ColumnType, Generated } from 'kysely';
import type { Immutable, JsonColumn } from '../../platform/database/schema.ts';

export interface RecycledItemTable {
  readonly id: Immutable<string>;
  readonly kind: Immutable<'group' | 'device'>;
  readonly object_id: Immutable<string>;
  readonly name: Immutable<string>;
  readonly path: Immutable<string[]>;
  readonly scope_path: Immutable<string[]>;
  readonly device_count: Immutable<number>;
  readonly group_count: Immutable<number>;
  readonly removed_at: Immutable<Date>;
  readonly removed_by: Immutable<string>;
}

export interface DirectoryGroupTable {
  readonly id: Immutable<string>;
  readonly parent_id: string | null;
  readonly name: string;
  readonly name_key: string;
  readonly path: string[];
  readonly names: string[];
  readonly depth: number;
  readonly revision: Generated<number>;
  readonly is_fixed: Generated<boolean>;
  readonly removed_item_id: ColumnType<string | null, string | null | undefined, string | null>;
}

export interface DeviceTable {
  readonly id: Immutable<string>;
  readonly group_id: string;
  readonly product_number: number;
  readonly reported_name: string;
  readonly display_name: ColumnType<string | null, string | null | undefined, string | null>;
  readonly platform: Platform;
  readonly architecture: Generated<string>;
  readonly system: Generated<string>;
  readonly address: Generated<string>;
  readonly agent_version: Generated<string>;
  readonly hardware_id: string | null;
  readonly installation_id: ColumnType<string | null, string | null | undefined, string | null>;
  readonly hardware_twin_id: ColumnType<string | null, string | null | undefined, string | null>;
  readonly is_encrypted: ColumnType<boolean | null, boolean | null | undefined, boolean | null>;
  readonly registered_at: Immutable<Date>;
  readonly removed_item_id: ColumnType<string | null, string | null | undefined, string | null>;
  readonly name_key: string;
  readonly system_key: Generated<string>;
  readonly address_key: Generated<string>;
  readonly search_text: string;
}

export interface ManagedProductTable {
  readonly number: Immutable<number>;
  readonly device_id: string;
  readonly kind: string;
  readonly name: string;
  readonly version: string;
  readonly key_thumbprint: Immutable<string>;
  readonly public_jwk: ColumnType<unknown, string, never>;
  readonly state: Generated<'active' | 'disabled'>;
  readonly epoch: Generated<number>;
  readonly transport: Generated<Transport>;
  readonly transport_reason: Generated<string>;
  readonly mode: Generated<CommunicationMode>;
  readonly mode_reason: Generated<string>;
  readonly listener_address: ColumnType<string | null, string | null | undefined, string | null>;
  readonly listener_port: ColumnType<number | null, number | null | undefined, number | null>;
  readonly capabilities: JsonColumn;
  readonly registered_at: Immutable<Date>;
  readonly last_handshake_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  readonly trusted_authorities: ColumnType<string[], string[] | undefined, string[]>;
  readonly clock_skew_ms: ColumnType<number | null, number | null | undefined, number | null>;
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    recycled_item: RecycledItemTable;
    directory_group: DirectoryGroupTable;
    device: DeviceTable;
    managed_product: ManagedProductTable;
  }
}
