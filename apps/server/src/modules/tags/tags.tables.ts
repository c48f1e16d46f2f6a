import type { ColumnType, Generated } from 'kysely';
import type { Immutable } from '../../platform/database/schema.ts';

export interface TagTable {
  readonly id: Immutable<string>;
  readonly name: string;
  readonly name_key: string;
  readonly description: string;
  readonly colour: string;
  readonly revision: Generated<number>;
  readonly created_at: Immutable<Date>;
  readonly created_by: Immutable<string>;
  readonly removed_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}

export interface TagDeviceTable {
  readonly tag_id: Immutable<string>;
  readonly device_id: Immutable<string>;
  readonly name_key: string;
}

export interface TagChangeTable {
  readonly id: Immutable<string>;
  readonly tag_id: Immutable<string>;
  readonly is_added: Immutable<boolean>;
  readonly device_ids: Immutable<string[]>;
  readonly changed_at: Immutable<Date>;
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    tag: TagTable;
    tag_device: TagDeviceTable;
    tag_change: TagChangeTable;
  }
}
