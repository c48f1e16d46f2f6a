import type { ComponentRates } from '@holdfast/api';
import type { Generated } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';

export interface ComponentRateTable {
  readonly is_only: Generated<boolean>;
  readonly all_per_second: string | null;
  readonly each_per_second: string | null;
  readonly revision: number;
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    component_rate: ComponentRateTable;
  }
}

export async function readRates(db: Database): Promise<ComponentRates> {
  const row = await db.selectFrom('component_rate').selectAll().executeTakeFirst();
  return {
    allPerSecond: toRate(row?.all_per_second),
    eachPerSecond: toRate(row?.each_per_second),
    revision: row?.revision ?? 0,
  };
}

export async function putRates(transaction: Transaction, rates: ComponentRates): Promise<void> {
  const values = {
    all_per_second: rates.allPerSecond === null ? null : String(rates.allPerSecond),
    each_per_second: rates.eachPerSecond === null ? null : String(rates.eachPerSecond),
    revision: rates.revision,
  };
  await transaction
    .insertInto('component_rate')
    .values(values)
    .onConflict((conflict) => conflict.column('is_only').doUpdateSet(values))
    .execute();
}

function toRate(stored: string | null | undefined): number | null {
  return stored === null || stored === undefined ? null : Number(stored);
}
