import type { ComponentRelease } from '@holdfast/components';
import { AppError, type Clock } from '@holdfast/kernel';
import type { StateDatabase } from '../../platform/state-database.ts';
import { keepIfThereIsRoom } from '../../platform/state.errors.ts';
import type { LogWriter } from '../logs/index.ts';
import type { ComponentFailure, ComponentRecord } from './component-record.ts';
import type { ComponentSources } from './component-sources.ts';
import { type ComponentSwitch, describeFailureOf, type SwitchEnd } from './component-switch.ts';
import { isCoolingDown, planCoolDown } from './cool-down.ts';
import type { ReleaseDownload } from './release-download.ts';

/** What came of one component in a run. */
export interface ComponentOutcome {
  readonly component: string;
  readonly state: 'updated' | 'up-to-date' | 'held' | 'failed';
  /** In use now. */
  readonly release?: number;
  readonly reason?: string;
}

export interface ComponentUpdateOptions {
  readonly database: StateDatabase;
  readonly clock: Clock;
  readonly random: () => number;
  readonly events: LogWriter;
  readonly components: ComponentSwitch;
  readonly sources: ComponentSources;
  readonly download: ReleaseDownload;
  /** Told when a download has begun. */
  readonly onDownload: () => Promise<void>;
}

/** Brings one component to a release. */
export interface ComponentUpdate {
  /** Ids of those that are being fetched. */
  readonly downloading: ReadonlySet<string>;
  /** Whatever comes of it is an outcome, but for what the state file or the signal throws. */
  attempt(
    release: ComponentRelease,
    signal: AbortSignal,
    onProgress: (share: number) => void,
  ): Promise<{ readonly outcome: ComponentOutcome; readonly isOnTrial: boolean }>;
  /** This release has failed not long ago. */
  isResting(component: string, release: number): boolean;
  /** Looks what came of those that had to prove themselves. */
  settleTrials(): void;
}

/** About what something is left alone for a while: the fetching and switching of a release. */
const SWITCH = 'switch';

export function createComponentUpdate(options: ComponentUpdateOptions): ComponentUpdate {
  const { database, clock, random, events, components, sources } = options;
  const { store } = components;
  const downloading = new Set<string>();

  const coolDown = (id: string, release: number): void => {
    const about = { release, nowMs: clock.now(), random: random() };
    const next = planCoolDown(store.findCoolDown(id, SWITCH), about);
    keepIfThereIsRoom(() => database.transaction(() => store.saveCoolDown(id, SWITCH, next)));
  };

  const noteFailure = (component: string, { release, code }: ComponentFailure): void => {
    coolDown(component, release);
    events.record('component-failed', { component, release, code });
  };

  const noteUpdate = (component: string, before: ComponentRecord['current']): void => {
    const { current } = store.find(component) ?? {};
    database.transaction(() => store.forgetCoolDown(component, SWITCH));
    if (current === undefined) return;
    const from = before === undefined ? {} : { fromRelease: before.release, fromVersion: before.version };
    events.record('component-updated', { component, ...current, ...from });
  };

  const carryOut = async (
    release: ComponentRelease,
    signal: AbortSignal,
    onProgress: (share: number) => void,
  ): Promise<SwitchEnd> => {
    const { id } = release.component;
    downloading.add(id);
    try {
      await options.onDownload();
      await options.download({
        release,
        held: store.find(id)?.current?.release,
        sources: sources.list(),
        signal,
        onProgress,
      });
    } finally {
      downloading.delete(id);
    }
    components.recordStaged(release.component, release);
    return await components.switchStaged(id, signal);
  };

  return {
    downloading,
    attempt: async (release, signal, onProgress) => {
      const { component } = release;
      const before = store.find(component.id)?.current;
      let end: SwitchEnd;
      try {
        end = await carryOut(release, signal, onProgress);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof AppError && error.code.startsWith('STATE_')) throw error;
        end = { state: 'failed', failure: describeFailureOf(release.release, error) };
        components.recordFailure(component, end.failure);
      }
      if (end.state === 'failed') {
        noteFailure(component.id, end.failure);
        const outcome = describeFailed(store.find(component.id), release, end.failure);
        return { outcome, isOnTrial: false };
      }
      if (end.state === 'switched') noteUpdate(component.id, before);
      return {
        outcome: { component: component.id, state: 'updated', release: release.release },
        isOnTrial: end.state === 'on-trial',
      };
    },
    isResting: (id, release) => isCoolingDown(store.findCoolDown(id, SWITCH), release, clock.now()),
    settleTrials: () => {
      for (const { component, end } of components.settleTrials()) {
        if (end.state === 'failed') noteFailure(component, end.failure);
        else noteUpdate(component, store.find(component)?.previous);
      }
    },
  };
}

export function describeFailed(
  record: ComponentRecord | undefined,
  { component }: ComponentRelease,
  { text }: ComponentFailure,
): ComponentOutcome {
  const current = record?.current;
  return {
    component: component.id,
    state: 'failed',
    ...(current === undefined ? {} : { release: current.release }),
    reason: text,
  };
}
