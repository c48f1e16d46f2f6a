export interface NextStepFacts {
  /** What the person types before the name of a command. */
  readonly calledAs: string;
  readonly isRoot: boolean;
  readonly isSystemdRunning: boolean;
}

/** What to do after `enroll`, which itself starts nothing. */
export function describeNextStep({ calledAs, isRoot, isSystemdRunning }: NextStepFacts): string {
  return isRoot && isSystemdRunning
    ? `It does not run yet. Start it as a service: ${calledAs} install\n`
    : `It does not run yet. Start it: ${calledAs} run\n`;
}
