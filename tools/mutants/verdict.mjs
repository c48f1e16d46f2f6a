import { SetupFault } from '../setup/fault.mjs';
import { formatDuration } from '../setup/step.mjs';
import { prepareFault } from './planting.mjs';

/** So much longer than without a fault a test file may take: one that hangs has noticed something. */
const PATIENCE = { factor: 4, moreSeconds: 60 };

/**
 * Plants one fault after the other and runs its tests, those that notice it and no further.
 *
 * @param tools `copy` to plant in; `runTests({ tests, limitSeconds })` gives what each test file came to; `onVerdict` hears each
 * @returns a verdict for each fault: `state` is `noticed`, `not-noticed`, `does-not-apply` or `does-not-compile`
 * @throws SetupFault when tests fail without any fault: then nothing that fails would mean anything
 */
export async function judgeFaults(faults, { copy, runTests, onVerdict }) {
  const prepared = [];
  for (const fault of faults) prepared.push({ fault, planting: await prepareFault(copy.place.root, fault) });
  const limits = new Map();
  const isPlantable = prepared.filter(({ planting }) => planting.text !== undefined);
  const tests = [...new Set(isPlantable.flatMap(({ fault }) => fault.tests))];
  if (tests.length > 0) {
    for (const outcome of await runTests({ tests })) {
      if (outcome.failed > 0) throw createBrokenTests(outcome);
      limits.set(outcome.file, outcome.durationMs ?? 0);
    }
  }
  const longestMs = Math.max(0, ...limits.values());
  const limitSeconds = Math.ceil((longestMs / 1_000) * PATIENCE.factor) + PATIENCE.moreSeconds;
  const verdicts = [];
  for (const { fault, planting } of prepared) {
    const verdict = { fault, ...(await judge(fault, planting, { copy, runTests, limitSeconds })) };
    verdicts.push(verdict);
    onVerdict(verdict);
  }
  return verdicts;
}

async function judge(fault, planting, { copy, runTests, limitSeconds }) {
  if (planting.text === undefined) return planting;
  const startedAt = performance.now();
  copy.write(fault.file, planting.text);
  try {
    const outcomes = await runTests({ tests: fault.tests, limitSeconds });
    const failed = outcomes.filter((outcome) => outcome.failed > 0);
    const by = failed.flatMap(({ file, failures }) =>
      failures.slice(0, 1).map(({ path }) => `${file}: ${path.join(' › ')}`),
    );
    const durationMs = Math.round(performance.now() - startedAt);
    return { state: failed.length > 0 ? 'noticed' : 'not-noticed', by, durationMs };
  } catch (error) {
    // A release that cannot be built with it.
    if (!(error instanceof SetupFault)) throw error;
    return { state: 'does-not-compile', message: [error.message, error.details ?? ''].join('\n').trim() };
  } finally {
    copy.write(fault.file, planting.original);
  }
}

function createBrokenTests({ file, failures }) {
  const [first] = failures;
  return new SetupFault(`${file} fails without any fault.`, {
    details: first === undefined ? undefined : `${first.path.join(' › ')}\n${first.error}`,
    remedy: `Mend it first: npm test -- ${file}`,
  });
}

const MARKS = {
  noticed: '✔ noticed',
  'not-noticed': '✖ not noticed',
  'does-not-apply': '! did not apply',
  'does-not-compile': '! did not compile',
};

/** For people: what became of one fault. */
export function describeVerdict({ fault, state, by = [], message, durationMs }) {
  const took = durationMs === undefined ? '' : `  (${formatDuration(durationMs)})`;
  const lines = [`${MARKS[state]}  ${fault.file}  ${fault.notice}${took}`];
  if (state !== 'noticed') lines.push(`    ${fault.find.trim()}`, `    → ${fault.replace.trim()}`);
  if (message !== undefined) lines.push(...message.split('\n').map((line) => `    ${line}`));
  lines.push(...by.slice(0, 3).map((line) => `    ${line}`));
  return `${lines.join('\n')}\n`;
}

/** The closing line. */
export function summarize(verdicts) {
  const count = (state) => verdicts.filter((verdict) => verdict.state === state).length;
  const tried = count('noticed') + count('not-noticed');
  const share = tried === 0 ? '' : ` (${Math.round((100 * count('noticed')) / tried)} %)`;
  const failed = [
    ['did not apply', count('does-not-apply')],
    ['did not compile', count('does-not-compile')],
  ].flatMap(([what, number]) => (number === 0 ? [] : [`, ${number} ${what}`]));
  return `${count('noticed')} of ${tried} faults were noticed${share}${failed.join('')}.`;
}

/** 0: all were noticed; 1: some were not; 2: some could not be planted, so the list is to be mended. */
export function exitCodeOf(verdicts) {
  if (verdicts.some(({ state }) => state.startsWith('does-not'))) return 2;
  return verdicts.some(({ state }) => state === 'not-noticed') ? 1 : 0;
}
