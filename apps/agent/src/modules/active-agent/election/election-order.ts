/** Who may become the Active Agent, as far as others have to know. */
export interface Candidate {
  readonly productNumber: number;
  /** 0: not to be elected. */
  readonly fitness: number;
}

/** An Active Agent, or who says so. */
export interface Standing extends Candidate {
  readonly term: number;
}

/** What sets two computers clearly apart (a cable, a server that answers, a pin) is worth whole classes, and all the rest together less than one. */
export const fitnessPerClass = 200;

export function classOf(fitness: number): number {
  return Math.floor(fitness / fitnessPerClass);
}

/** Worth a change of the Active Agent. */
export function isClearlyBetter(one: Candidate, other: Candidate): boolean {
  return classOf(one.fitness) > classOf(other.fitness);
}

/** Who of two candidates becomes it: the fitter one, and of two alike the one with the lower product number. */
export function isBetter(one: Candidate, other: Candidate): boolean {
  if (one.fitness !== other.fitness) return one.fitness > other.fitness;
  return one.productNumber < other.productNumber;
}

/**
 * Which of two Active Agents remains when they hear each other. One of a higher class does; of two of one class the one of the lower
 * term, which was there before: so whoever was out of reach for a while, and elected itself, changes nothing when it comes back, and a
 * high term gives nobody an advantage. It is a strict total order, so however many there are, exactly one remains.
 */
export function prevails(one: Standing, other: Standing): boolean {
  const classes = classOf(one.fitness) - classOf(other.fitness);
  if (classes !== 0) return classes > 0;
  if (one.term !== other.term) return one.term < other.term;
  return isBetter(one, other);
}
