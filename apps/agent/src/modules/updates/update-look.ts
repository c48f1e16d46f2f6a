import type { MetadataStore, TrustedCatalogue, UpdateClient } from '@holdfast/components/client';
import { type Clock, hasCode } from '@holdfast/kernel';
import type { Log } from '../../platform/log.ts';
import type { StateDatabase } from '../../platform/state-database.ts';
import { keepIfThereIsRoom } from '../../platform/state.errors.ts';
import { describeFailureOf } from './component-switch.ts';
import type { ComponentSources } from './component-sources.ts';
import { takeFirstRoot } from './server-source.ts';
import { readUpdateCheck, saveUpdateCheck } from './update-check.ts';

export interface UpdateLookOptions {
  readonly database: StateDatabase;
  readonly clock: Clock;
  readonly log: Log;
  readonly updateClient: UpdateClient;
  readonly metadata: MetadataStore;
  readonly sources: Pick<ComponentSources, 'server'>;
}

/** Finds out what is published, and remembers how that ended. */
export interface UpdateLook {
  /**
   * Follows the signed metadata and has something made of them.
   *
   * @throws ComponentError METADATA_…, SOURCE_…; whatever `judge` throws
   */
  during<Result>(signal: AbortSignal, judge: (catalogue: TrustedCatalogue) => Result): Promise<Result>;
}

export function createUpdateLook(options: UpdateLookOptions): UpdateLook {
  const { database, clock, log, updateClient, metadata, sources } = options;

  const follow = async (signal: AbortSignal): Promise<TrustedCatalogue> => {
    const isFirst = await takeFirstRoot(metadata, sources.server, signal);
    try {
      return await updateClient.refresh(signal);
    } catch (error) {
      // A root that is none is not kept, or nothing would ever take its place.
      if (isFirst && (hasCode(error, 'METADATA_UNREADABLE') || hasCode(error, 'METADATA_UNSIGNED')))
        await metadata.remove('root.json');
      throw error;
    }
  };

  const noteFailure = (error: unknown): void => {
    const before = readUpdateCheck(database);
    const { code, text } = describeFailureOf(0, error);
    if (before.failure?.code === code) return;
    log.warn(code, `Updates cannot be looked for. ${text}`);
    const since = before.failure?.since ?? Math.floor(clock.now());
    keepIfThereIsRoom(() => saveUpdateCheck(database, { ...before, failure: { code, text, since } }));
  };

  return {
    during: async (signal, judge) => {
      try {
        const catalogue = await follow(signal);
        const result = judge(catalogue);
        for (const { path, reason } of catalogue.refused)
          log.warn('COMPONENT_ENTRY_REFUSED', `Something that is signed cannot be used: ${reason}`, { path });
        const check = {
          checkedAt: Math.floor(clock.now()),
          catalogueVersion: catalogue.versions.snapshot,
          failure: undefined,
        };
        keepIfThereIsRoom(() => saveUpdateCheck(database, check));
        return result;
      } catch (error) {
        if (!signal.aborted) noteFailure(error);
        throw error;
      }
    },
  };
}
