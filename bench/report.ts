import { describeMachine } from './machine.ts';

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/** Prints figures under a heading, for people, or as JSON with `--json`. */
export function printFigures(heading: string, figures: readonly Figure[]): void {
  if (process.argv.includes('--json')) {
    process.stdout.write(
      `${JSON.stringify({ heading, machine: describeMachine(), measuredAt: new Date().toISOString(), figures })}\n`,
    );
    return;
  }
  process.stdout.write(`\n${heading}\n${describeMachine()}\n\n`);
  const width = Math.max(...figures.map((figure) => figure.name.length));
  for (const { name, value, unit } of figures) {
    process.stdout.write(`  ${name.padEnd(width)}  ${formatValue(value).padStart(12)} ${unit}\n`);
  }
}

function formatValue(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}

/** Middle of the sorted values. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The value that this share of the sorted values does not exceed. */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** A number given on the command line as `--name value`, or the default. */
/** The text behind `--name`; undefined without it. */
export function readTextOption(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`);
  return at === -1 ? undefined : process.argv[at + 1];
}

export function readOption(name: string, fallback: number): number {
  const at = process.argv.indexOf(`--${name}`);
  if (at === -1) return fallback;
  const value = Number(process.argv[at + 1]);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} takes a number.`);
  return value;
}
