/** How many alignments are remembered. */
export const RECENT_SHIFTS = 4;

/**
 * The last alignments of new and old file (position in the old one less that in the new one), the latest first. A copy is written as its
 * distance from one of them, because after something inserted the file goes on as it did before.
 */
export interface RecentShifts {
  /** Which of them is nearest to `shift`. */
  nearest(shift: number): number;
  get(place: number): number;
  /** `shift`, which was written from that at `place`, is the latest now. */
  use(place: number, shift: number): void;
}

export function createRecentShifts(): RecentShifts {
  const shifts = Array.from({ length: RECENT_SHIFTS }, () => 0);
  return {
    nearest(shift) {
      let best = 0;
      for (let place = 1; place < RECENT_SHIFTS; place++) {
        if (Math.abs(shift - (shifts[place] ?? 0)) < Math.abs(shift - (shifts[best] ?? 0))) best = place;
      }
      return best;
    },
    get: (place) => shifts[place] ?? 0,
    use(place, shift) {
      // One that is near the latest takes the place of the one that it came from; one far away pushes the oldest out.
      const isNear = Math.abs(shift - (shifts[place] ?? 0)) < 2 ** 14;
      shifts.splice(isNear ? place : RECENT_SHIFTS - 1, 1);
      shifts.unshift(shift);
    },
  };
}
