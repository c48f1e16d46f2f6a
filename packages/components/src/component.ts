/** What a component is to those who use it; it decides its default schedule and who may sign it. */
export const componentKinds = ['pattern', 'rules', 'engine', 'program'] as const;

/** Its files are run, as the agent itself. */
export const programHandler = 'agent-program';

export type ComponentKind = (typeof componentKinds)[number];

/** A component that must be there, at `release` or newer where that is said. */
export interface ComponentDependency {
  readonly component: string;
  readonly release?: number;
}

/** What its publisher says of a component. It travels with each release, and the newest release counts. */
export interface ComponentDescription {
  /** Lower-case letters, digits and hyphens, 1 to 64 of them, the first no hyphen. */
  readonly id: string;
  readonly kind: ComponentKind;
  /** For people: 1 to 100 printable characters. */
  readonly title: string;
  /** `any`, or systems (`linux`) and systems with a processor (`linux-x64`). */
  readonly platforms: readonly string[];
  /** Which handler of the agent verifies and switches it. */
  readonly handler: string;
  readonly dependencies: readonly ComponentDependency[];
}

/** A file of the repository that signed metadata vouch for. */
export interface SignedFile {
  /** In the repository, as TUF names it: `components/ID/RELEASE/full`. */
  readonly path: string;
  /** Bytes. */
  readonly length: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** The way from one earlier release straight to a newer one. */
export interface SignedIncrement extends SignedFile {
  readonly from: number;
  readonly encoding: string;
}

/** One release of a component, as signed metadata describe it. */
export interface ComponentRelease {
  readonly component: ComponentDescription;
  /** A positive safe integer; that of a newer release is greater. */
  readonly release: number;
  /** For people: 1 to 64 printable characters. */
  readonly version: string;
  /** Nobody waits for a random delay with it. */
  readonly isUrgent: boolean;
  readonly full: SignedFile;
  readonly increments: readonly SignedIncrement[];
}
