/** A length of time in words needs at most its two greatest parts. */
export interface DurationPart {
  readonly unit: DurationUnit;
  readonly value: number;
}

export const durationUnits = ['millisecond', 'second', 'minute', 'hour', 'day'] as const;
export type DurationUnit = (typeof durationUnits)[number];

export const unitMs: Readonly<Record<DurationUnit, number>> = {
  millisecond: 1,
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** The two greatest adjacent parts of a duration, e.g. 1 hour 30 minutes; smaller parts are dropped. */
export function durationPartsOf(durationMs: number): readonly DurationPart[] {
  const amountMs = Math.max(0, Math.round(durationMs));
  const greatest = durationUnits.findLast((unit) => amountMs >= unitMs[unit]) ?? 'second';
  const value = Math.floor(amountMs / unitMs[greatest]);
  const parts: DurationPart[] = [{ unit: greatest, value }];
  const next = durationUnits[durationUnits.indexOf(greatest) - 1];
  if (next !== undefined && next !== 'millisecond') {
    const rest = Math.floor((amountMs - value * unitMs[greatest]) / unitMs[next]);
    if (rest > 0) parts.push({ unit: next, value: rest });
  }
  return parts;
}

export interface DurationInputValue {
  readonly amount: number;
  readonly unit: Exclude<DurationUnit, 'millisecond'>;
}

const inputUnits = ['day', 'hour', 'minute', 'second'] as const;

/** The greatest unit that expresses the duration without a fraction: 90 s stays 90 seconds, 120 s is 2 minutes. */
export function splitDuration(durationMs: number): DurationInputValue {
  for (const unit of inputUnits) {
    const amount = durationMs / unitMs[unit];
    if (Number.isInteger(amount) && amount > 0) return { amount, unit };
  }
  return { amount: durationMs / unitMs.second, unit: 'second' };
}

/** Inverse of {@link splitDuration}. */
export function joinDuration(value: DurationInputValue): number {
  return Math.round(value.amount * unitMs[value.unit]);
}
