/** One stretch of load: what was offered, and what was answered of it. */
export interface Trial {
  readonly ratePerSecond: number;
  readonly sent: number;
  readonly answered: number;
}

/** A hiccup of the machine loses a few; more is loss. */
const MAX_LOSS = 0.001;
const GROWTH = 1.25;
const BISECTIONS = 3;

/**
 * Finds the highest rate at which what is sent is answered (throughput, RFC 2544 section 26.1): grows until something is lost, then
 * halves the space between.
 *
 * @returns the best trial without loss
 */
export async function findThroughput<Measured extends Trial>(
  firstRate: number,
  measure: (ratePerSecond: number) => Promise<Measured>,
): Promise<Measured> {
  let best: Measured | undefined;
  let tooMuch = Number.POSITIVE_INFINITY;
  let rate = firstRate;
  for (let bisections = 0; bisections < BISECTIONS; ) {
    const trial = await measure(rate);
    const isAnswered = trial.answered >= trial.sent * (1 - MAX_LOSS);
    // A sender that cannot offer more has found the end as well.
    const isOffered = trial.ratePerSecond > rate * 0.97;
    if (isAnswered && (best === undefined || trial.ratePerSecond > best.ratePerSecond)) best = trial;
    // The trial that is too much for the first time ends the growth; those after it halve.
    if (Number.isFinite(tooMuch)) bisections += 1;
    if (!isAnswered || !isOffered) tooMuch = rate;
    const good = best?.ratePerSecond ?? firstRate / 2;
    rate = Number.isFinite(tooMuch) ? (good + Math.max(tooMuch, good)) / 2 : rate * GROWTH;
  }
  if (best === undefined) throw new Error(`Even ${firstRate} datagrams a second were not all answered.`);
  return best;
}
