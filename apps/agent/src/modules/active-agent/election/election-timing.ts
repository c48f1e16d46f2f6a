import { type Candidate, classOf, fitnessPerClass } from './election-order.ts';

/** All times of the election, in milliseconds. docs/active-agent.md says what follows from them. */
export const electionTiming = {
  /** Between two beacons of the Active Agent. */
  beaconEveryMs: 500,
  /** How long one beacon counts: two may be lost in a row. */
  leaseMs: 1_600,
  /** Between a bid and taking over: time for an objection. */
  bidMs: 250,
  /** The bid is said once more in between. */
  bidAgainMs: 120,
  /** At most this far apart are answers to one thing, however many there are to answer. */
  answerGapMs: 100,
  /** Back-off before a bid when the Active Agent has been lost, without what the candidate is behind the best. */
  backOffMs: 500,
  /** The same where none has been known, as when a whole building gets its power back. */
  coldBackOffMs: 2_000,
  /** Behind the best: for each class below that of a usual computer on a cable, and within a class. */
  perClassMs: 80,
  withinClassMs: 60,
  /** How long somebody who let another one's bid pass waits for its beacon. */
  yieldMs: 650,
  /** How long the successor of a farewell has. */
  farewellMs: 500,
  /** Of the warm standby. */
  offerEveryMs: 2_000,
  standbySilenceMs: 6_000,
  /** Of those who want to be it. */
  offerBackOffMs: 2_000,
  offerPauseMs: 10_000,
  /** So long a candidate has to be clearly better before it says so, and the Active Agent to have been it before it yields. */
  challengeAfterMs: 60_000,
  challengeEveryMs: 5_000,
  challengeBackOffMs: 2_000,
  /** Both for one that an administrator has pinned. */
  pinnedChallengeAfterMs: 5_000,
} as const;

/** The class of a usual computer: a cable and a server that answers. */
export const usualClass = 2;
/** What a pin is worth: more classes than everything else. */
export const pinnedClass = 5;

/** An administrator wants the one in the place of the other. */
export function isPinnedOver(one: Pick<Candidate, 'fitness'>, other: Pick<Candidate, 'fitness'>): boolean {
  return classOf(one.fitness) - classOf(other.fitness) >= pinnedClass - usualClass;
}

const LAMBDA = 10;

/**
 * A random wait of which few are short and most are long, so that of very many who could speak only a few do before the others hear
 * them: the truncated exponential distribution of RFC 5401, section 3.2.
 *
 * @param random uniform in [0, 1)
 */
export function drawBackOffMs(maxMs: number, random: number): number {
  return (maxMs / LAMBDA) * Math.log(1 + random * (Math.exp(LAMBDA) - 1));
}

/** The fitter, the sooner: what a candidate waits before a bid on top of chance. */
export function planHandicapMs(fitness: number): number {
  if (classOf(fitness) > usualClass) return 0;
  const classes = usualClass - classOf(fitness);
  const within = 1 - (fitness % fitnessPerClass) / fitnessPerClass;
  return classes * electionTiming.perClassMs + within * electionTiming.withinClassMs;
}
