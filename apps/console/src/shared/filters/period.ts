/** How far back a filter by time reaches. */
export const periods = ['hour', 'day', 'week', 'month'] as const;
export type Period = (typeof periods)[number];

export const periodMs: Readonly<Record<Period, number>> = {
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
  month: 30 * 86_400_000,
};

export function findPeriod(value: unknown): Period | undefined {
  return periods.find((period) => period === value);
}
