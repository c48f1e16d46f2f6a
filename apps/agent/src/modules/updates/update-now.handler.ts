import { once } from 'node:events';
import { toOneLine } from '@holdfast/kernel';
import { commandCatalogue } from '@holdfast/protocol';
import {
  type CommandHandler,
  type CommandResult,
  defineHandler,
  OnRestart,
  type SavedState,
  stopped,
} from '../commands/index.ts';
import type { ComponentRecordStore } from './component-record.store.ts';
import { SwitchStep } from './component-record.ts';
import type { ComponentOutcome } from './component-update.ts';
import type { UpdateRun } from './update-run.ts';

const MAX_REASON_CHARACTERS = 500;
const MAX_DETAIL_CHARACTERS = 1_500;

export interface UpdateNowOptions {
  readonly run: UpdateRun;
  readonly store: Pick<ComponentRecordStore, 'find'>;
  /** Resolves when what is on trial is settled; rejects when the signal aborts. */
  readonly awaitTrials: (signal: AbortSignal) => Promise<void>;
  /** Ends this process, soon. */
  readonly onRestart: () => void;
}

/**
 * Obeys `update-now`. Where a new program of the agent is part of it, the next process reports what came of it: the new one, or the
 * former one that runs again.
 */
export function createUpdateNowHandler({
  run,
  store,
  awaitTrials,
  onRestart,
}: UpdateNowOptions): CommandHandler {
  return defineHandler({
    definition: commandCatalogue.updateNow,
    onRestart: OnRestart.resume,
    run: async ({ parameters, signal, stopSignal, reportProgress, save, resumed }) => {
      const saved = readSaved(resumed?.saved);
      if (saved !== undefined) {
        await awaitTrials(signal);
        return describe(saved.map((outcome) => (outcome.isOnTrial ? judge(outcome, store) : outcome)));
      }
      const only = readComponents(parameters.components);
      const outcome = await run.run({
        ...(only === undefined ? {} : { only }),
        isOrdered: true,
        signal,
        onProgress: reportProgress,
      });
      if (!outcome.isRestartNeeded) return describe(outcome.components);
      save({
        components: outcome.components.map((one) => ({
          ...one,
          isOnTrial: store.find(one.component)?.step === SwitchStep.onTrial,
        })),
      });
      reportProgress({ percent: 100, text: 'The agent is started anew' });
      onRestart();
      // The end of the process is under way and nobody can call it off.
      if (!stopSignal.aborted) await once(stopSignal, 'abort');
      throw stopped(stopSignal, 'The agent restarts.');
    },
  });
}

type SavedOutcome = ComponentOutcome & { readonly isOnTrial: boolean };

/** What the last process wrote before it ended for the new program; another agent may have written it. */
function readSaved(saved: SavedState | undefined): readonly SavedOutcome[] | undefined {
  const list = saved?.['components'];
  return Array.isArray(list) ? (list as readonly SavedOutcome[]) : undefined;
}

function judge({ component }: SavedOutcome, store: Pick<ComponentRecordStore, 'find'>): ComponentOutcome {
  const { current, failure } = store.find(component) ?? {};
  const release = current === undefined ? {} : { release: current.release };
  if (failure === undefined) return { component, state: 'updated', ...release };
  return { component, state: 'failed', ...release, reason: failure.text };
}

function readComponents(text: string | undefined): readonly string[] | undefined {
  const ids = (text ?? '').split(/[\s,]+/u).filter((id) => id !== '');
  return ids.length === 0 ? undefined : ids;
}

function describe(
  outcomes: readonly ComponentOutcome[],
): CommandResult<{ components: (ComponentOutcome & { state: ComponentOutcome['state'] })[] }> {
  const of = (state: ComponentOutcome['state']) => outcomes.filter((one) => one.state === state);
  const failed = of('failed').map(({ component, reason = '' }) => `${component} failed: ${reason}`);
  const counts = `Updated: ${of('updated').length}, up to date: ${of('up-to-date').length}, held back: ${of('held').length}, failed: ${failed.length}.`;
  return {
    detail: toOneLine([counts, ...failed].join(' '), MAX_DETAIL_CHARACTERS),
    result: {
      components: outcomes.map(({ component, state, release, reason }) => ({
        component,
        state,
        ...(release === undefined ? {} : { release }),
        ...(reason === undefined ? {} : { reason: toOneLine(reason, MAX_REASON_CHARACTERS) }),
      })),
    },
  };
}
