import { createHash } from 'node:crypto';
import { toOneLine } from '@holdfast/kernel';
import { type ComponentState, limits } from '@holdfast/protocol';
import { type ComponentRecord, SwitchStep } from './component-record.ts';

const DIGEST_BYTES = 8;

/** What the server is told of each component, by id. Of more than it takes the last ones are left out. */
export function describeStates(
  records: readonly ComponentRecord[],
  downloading: ReadonlySet<string> = new Set(),
): readonly ComponentState[] {
  return records.slice(0, limits.maxComponents).map((record) => {
    const { description, current, failure, target, changedAt } = record;
    const state = stateOf(record, downloading);
    const about = state === 'failed' ? failure?.release : (record.next?.release ?? target);
    return {
      component: description.id,
      ...(current === undefined ? {} : current),
      state,
      ...(about === undefined || about < 1 ? {} : { target: about }),
      ...(state === 'failed' && failure !== undefined
        ? { code: failure.code, reason: toOneLine(failure.text, limits.maxComponentReasonCharacters) }
        : {}),
      changedAt: Math.max(0, Math.floor(changedAt)),
    };
  });
}

function stateOf(record: ComponentRecord, downloading: ReadonlySet<string>): ComponentState['state'] {
  const { description, current, target, step, failure } = record;
  if (downloading.has(description.id)) return 'downloading';
  if (step === SwitchStep.goingBack) return 'failed';
  if (step !== SwitchStep.rest) return 'staged';
  // A release that failed and is not the newest any more is no reason to be sorry.
  if (failure !== undefined && !(failure.release < (target ?? 0))) return 'failed';
  return target === undefined || (current?.release ?? 0) >= target ? 'up-to-date' : 'behind';
}

/** Eight bytes that change with what is in use; zeros where nothing is. */
export function digestComponents(
  inUse: readonly { readonly id: string; readonly release: number }[],
): Uint8Array {
  if (inUse.length === 0) return new Uint8Array(DIGEST_BYTES);
  const text = inUse.map(({ id, release }) => `${id} ${release}\n`).join('');
  return createHash('sha256').update(text).digest().subarray(0, DIGEST_BYTES);
}
