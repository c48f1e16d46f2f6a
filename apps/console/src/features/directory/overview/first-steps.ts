export const firstSteps = ['enrol', 'backup', 'address'] as const;
export type FirstStep = (typeof firstSteps)[number];

/** What is known of the server; undefined is what this reader may not know, or does not know yet. */
export interface StartingPoint {
  readonly deviceCount: number;
  readonly mayEnrol: boolean;
  readonly backup: { readonly at: string | null } | undefined;
  readonly isLoopbackOnly: boolean | undefined;
}

export interface StepState {
  readonly step: FirstStep;
  readonly isDone: boolean;
}

/**
 * What there is to do on a new server, for somebody who can do it. Empty when all of it is done. The address is no step
 * where devices can reach the server anyway.
 */
export function planFirstSteps(point: StartingPoint): readonly StepState[] {
  const steps: StepState[] = [];
  // The first device is most often the server's own computer.
  if (point.mayEnrol) steps.push({ step: 'enrol', isDone: point.deviceCount > 1 });
  if (point.backup !== undefined) steps.push({ step: 'backup', isDone: point.backup.at !== null });
  if (point.isLoopbackOnly === true) steps.push({ step: 'address', isDone: false });
  return steps.every(({ isDone }) => isDone) ? [] : steps;
}
