import type { ComponentDescription } from '@holdfast/components';

/** Which release of a component, and what people call it. */
export interface NamedRelease {
  readonly release: number;
  readonly version: string;
}

/** How far a component is with the switch to its next release. */
export const SwitchStep = {
  /** Nothing is under way. */
  rest: 'rest',
  /** The next release is verified and on the disk. */
  staged: 'staged',
  /** It is being put in place; after an end of the process it is put there again. */
  switching: 'switching',
  /** It is in place, and has to prove itself before it counts as the one in use. */
  onTrial: 'on-trial',
  /** The previous one is being put in place; after an end of the process it is put there again. */
  goingBack: 'going-back',
} as const;
export type SwitchStep = (typeof SwitchStep)[keyof typeof SwitchStep];

/** Why a release is not in use although it was tried. */
export interface ComponentFailure {
  readonly release: number;
  readonly code: string;
  /** A sentence, and what to do. */
  readonly text: string;
}

/** What this computer has of one component. */
export interface ComponentRecord {
  readonly description: ComponentDescription;
  /** In use; `undefined`: none. */
  readonly current: NamedRelease | undefined;
  readonly previous: NamedRelease | undefined;
  readonly next: NamedRelease | undefined;
  /** The newest release that this computer may have, as far as it knows. */
  readonly target: number | undefined;
  readonly step: SwitchStep;
  readonly failure: ComponentFailure | undefined;
  readonly changedAt: number;
}
