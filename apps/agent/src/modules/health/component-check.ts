import { toOneLine } from '@holdfast/kernel';
import type { HealthCheck } from './health-state.ts';
import type { HealthFacts } from './health-facts.ts';

const DAY_MS = 24 * 3_600_000;
const MAX_REASON_CHARACTERS = 200;
const MAX_NAMED = 3;

/** Whether components are what they should be, and whether it could be found out what that is. */
export function checkComponents(
  { components = [], updateCheck }: Pick<HealthFacts, 'components' | 'updateCheck'>,
  nowMs: number,
): HealthCheck {
  const name = 'components';
  const failed = components.filter(({ state }) => state === 'failed');
  if (failed.length > 0) {
    const sentences = failed.slice(0, MAX_NAMED).map(({ component, code = '', reason = '' }) => {
      return `${component} (${code}): ${toOneLine(reason, MAX_REASON_CHARACTERS)}`;
    });
    return {
      name,
      state: 'failed',
      text: `Components that could not be updated: ${failed.length}. ${sentences.join(' ')}`,
    };
  }
  const { failure, checkedAt } = updateCheck ?? {};
  if (failure !== undefined) {
    // A server that has published nothing yet is no trouble of this computer; one that had is.
    const isOld = checkedAt !== undefined && Math.abs(nowMs - checkedAt) > DAY_MS;
    const state = isOld ? 'failed' : checkedAt === undefined ? 'ok' : 'warning';
    return {
      name,
      state,
      text: `Updates cannot be looked for (${failure.code}): ${toOneLine(failure.text, MAX_REASON_CHARACTERS)}`,
    };
  }
  const behind = components.filter(({ state }) => state !== 'up-to-date').length;
  const more = behind === 0 ? '' : ` Behind or under way: ${behind}.`;
  return { name, state: 'ok', text: `Components of this computer: ${components.length}.${more}` };
}
