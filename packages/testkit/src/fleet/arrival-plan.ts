/** How a fleet comes: evenly, all at once, or as people come to work. */
export const Arrival = {
  steady: 'steady',
  burst: 'burst',
  office: 'office',
} as const;
export type Arrival = (typeof Arrival)[keyof typeof Arrival];

/**
 * When the product of this index starts, in milliseconds after the first possible moment.
 *
 * @param withinMs time in which all have come; a burst does not take it
 * @param draw three numbers in [0, 1)
 */
export function planArrivalMs(
  arrival: Arrival,
  place: { readonly index: number; readonly count: number; readonly withinMs: number },
  draw: (count: number) => number,
): number {
  switch (arrival) {
    case Arrival.burst:
      return 0;
    case Arrival.steady:
      return ((place.index + draw(0)) / place.count) * place.withinMs;
    case Arrival.office:
      // The mean of three even draws: a bell whose middle third holds about two thirds of the people.
      return ((draw(0) + draw(1) + draw(2)) / 3) * place.withinMs;
  }
}
