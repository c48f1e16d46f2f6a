import type { ModeChoice, TransportChoice } from '@holdfast/api';
import type { Immutable, JsonColumn } from '../../platform/database/schema.ts';

export interface GroupCommunicationTable {
  readonly group_id: Immutable<string>;
  readonly revision: number;
  readonly heartbeat_interval_ms: number | null;
  readonly offline_timeout_ms: number | null;
  readonly schedule: JsonColumn | null;
  readonly mode: ModeChoice | null;
  readonly transport: TransportChoice | null;
  readonly listener_port: number | null;
  readonly changed_at: Date;
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    readonly group_communication: GroupCommunicationTable;
  }
}
