import type { Immutable, JsonColumn } from '../../platform/database/schema.ts';

export interface DeviceInventoryTable {
  readonly device_id: Immutable<string>;
  readonly collected_at: Date;
  readonly received_at: Date;
  readonly digest: Buffer;
  readonly facts: JsonColumn;
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    device_inventory: DeviceInventoryTable;
  }
}
