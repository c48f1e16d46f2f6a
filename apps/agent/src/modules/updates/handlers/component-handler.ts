import type { ComponentDescription } from '@holdfast/components';
import type { NamedRelease } from '../component-record.ts';

/** A release whose full file is verified and on the disk. */
export interface StagedRelease extends NamedRelease {
  readonly component: ComponentDescription;
  /** Path of the file. It stays for as long as the release is in use or one can go back to it. */
  readonly file: string;
}

export interface WayBack {
  /** What was to be put in place, and may be there already. */
  readonly from: StagedRelease;
  /** What was in use before; `undefined`: whatever there was before the first release. */
  readonly to: StagedRelease | undefined;
}

/** What came of a release that has to prove itself. */
export type TrialOutcome =
  | { readonly state: 'waiting' }
  | { readonly state: 'proven' }
  /** The previous one is in use again. */
  | { readonly state: 'returned'; readonly reason: 'did-not-start' | 'did-not-check-in' };

/**
 * Knows how one kind of file is used on this computer. Whatever it does can end at any step, and is then done again from the start:
 * by `switch` until it has returned, by `rollBack` once that was begun.
 */
export interface ComponentHandler {
  readonly name: string;
  /** Why this computer has no use for components of this kind; absent or `undefined`: it has. */
  findObstacle?(component: ComponentDescription): string | undefined;
  /** The release that is in use, where the component itself tells, whatever was written down of it. */
  findCurrent?(): NamedRelease | undefined;
  /** True: this release is what is in use already, although it was not put there by this agent. */
  isSameAs?(release: NamedRelease): boolean;
  /** Looks at the file before anything changes: whether it is of the right kind, and whether what is to use it accepts it. */
  try(staged: StagedRelease, signal: AbortSignal): Promise<void>;
  /** Puts it in place; until the moment of that the former one is. What is on trial is not proven by being in place. */
  switch(staged: StagedRelease, signal: AbortSignal): Promise<'done' | 'on-trial'>;
  /** Puts the former one back. */
  rollBack(way: WayBack, signal: AbortSignal): Promise<void>;
  /** Of a handler whose `switch` answers `on-trial`. */
  findTrialOutcome?(release: number): TrialOutcome;
}
