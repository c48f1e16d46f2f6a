import type { ColumnType, Generated } from 'kysely';
import type { Immutable } from '../../platform/database/schema.ts';

export interface WebhookTable {
  readonly id: Immutable<string>;
  readonly name: string;
  readonly name_key: string;
  readonly url: string;
  readonly event_patterns: string[];
  readonly permissions: string[];
  readonly chosen_by: string | null;
  readonly group_id: string | null;
  readonly allows_private: boolean;
  readonly sealed_secret: Buffer;
  readonly previous_sealed_secret: ColumnType<Buffer | null, Buffer | null | undefined, Buffer | null>;
  readonly previous_secret_until: ColumnType<Date | null, Date | null | undefined, Date | null>;
  readonly state: Generated<'active' | 'paused' | 'disabled'>;
  readonly disabled_reason: ColumnType<string | null, string | null | undefined, string | null>;
  readonly revision: Generated<number>;
  readonly created_at: Immutable<Date>;
  readonly created_by: Immutable<string>;
}

export interface WebhookDeliveryTable {
  readonly id: Immutable<string>;
  readonly webhook_id: Immutable<string>;
  readonly message_id: Immutable<string>;
  readonly kind: Immutable<'events' | 'test' | 'repeat'>;
  readonly event_count: Immutable<number>;
  readonly event_types: Immutable<string[]>;
  readonly body: Immutable<string>;
  readonly started_at: Immutable<Date>;
  readonly duration_ms: Immutable<number>;
  readonly status: Immutable<number | null>;
  readonly error: Immutable<string | null>;
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    webhook: WebhookTable;
    webhook_delivery: WebhookDeliveryTable;
  }
}
