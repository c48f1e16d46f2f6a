import type { ComponentRates } from '@holdfast/api';
import type { TransferRates } from '@holdfast/components/transfer';
import { type Actor, requirePermission } from '../../platform/access/actor.ts';
import { inTransaction } from '../../platform/database/index.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Caller } from '../directory/index.ts';
import { ComponentsError } from './components.errors.ts';
import { putRates, readRates } from './rates.store.ts';
import { lockSources } from './sources.store.ts';

/** How fast files go to products at most. Asked for each piece of a file, so it is kept in memory. */
export class ComponentRateService {
  readonly #platform: Pick<Platform, 'database' | 'recordAuditEntry'>;
  #current: TransferRates = {};

  constructor(platform: Pick<Platform, 'database' | 'recordAuditEntry'>) {
    this.#platform = platform;
  }

  get current(): TransferRates {
    return this.#current;
  }

  /** From time to time: another process of the server may have been told. */
  async read(): Promise<void> {
    this.#take(await readRates(this.#platform.database));
  }

  async get(actor: Actor): Promise<ComponentRates> {
    requirePermission(actor, 'components:read');
    return await readRates(this.#platform.database);
  }

  /** @throws ComponentsError COMPONENT_RATES_CHANGED */
  async set({ actor, request }: Caller, wanted: ComponentRates): Promise<ComponentRates> {
    requirePermission(actor, 'components:manage');
    const { database, recordAuditEntry } = this.#platform;
    const rates = await inTransaction(database, async (transaction) => {
      await lockSources(transaction);
      const before = await readRates(transaction);
      if (before.revision !== wanted.revision)
        throw new ComponentsError(
          'COMPONENT_RATES_CHANGED',
          'The rates were changed since you opened them.',
          {
            remedy: 'Look at them as they are now and make your change again.',
          },
        );
      const { allPerSecond, eachPerSecond } = wanted;
      const after = { allPerSecond, eachPerSecond, revision: before.revision + 1 };
      await putRates(transaction, after);
      await recordAuditEntry(
        transaction,
        actor,
        {
          action: 'component-rates.changed',
          objectKind: 'component-rates',
          objectId: 'component-rates',
          objectName: 'Rates of components',
          details: { allPerSecond, eachPerSecond },
        },
        request,
      );
      return after;
    });
    this.#take(rates);
    return rates;
  }

  #take({ allPerSecond, eachPerSecond }: ComponentRates): void {
    this.#current = { all: allPerSecond ?? undefined, each: eachPerSecond ?? undefined };
  }
}
