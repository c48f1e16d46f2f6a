import type { ElectionContext, ElectionState, ElectionStep } from './election-state.ts';
import { electionTiming } from './election-timing.ts';

/** The beacon, which also answers whoever doubts that there is an Active Agent. */
export function sayBeacon(state: ElectionState, { nowMs }: ElectionContext): ElectionStep {
  const { term, fitness, standby } = state;
  return {
    state: {
      ...state,
      saidFitness: fitness,
      lastBeaconAtMs: nowMs,
      beaconAtMs: nowMs + electionTiming.beaconEveryMs,
    },
    actions: [
      {
        type: 'say',
        statement: {
          type: 'beacon',
          term,
          fitness,
          other: standby?.productNumber ?? 0,
          otherFitness: standby?.fitness ?? 0,
        },
      },
    ],
  };
}
