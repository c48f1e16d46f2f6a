import type { Immutable, JsonColumn } from '../../platform/database/schema.ts';

export interface GroupSettingTable {
  readonly group_id: Immutable<string>;
  readonly kind: Immutable<string>;
  readonly revision: number;
  readonly value: JsonColumn;
  readonly locked: string[];
  readonly changed_at: Date;
  readonly changed_by: string | null;
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    readonly group_setting: GroupSettingTable;
  }
}
