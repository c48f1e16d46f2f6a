import type { Permission, Route } from '@holdfast/api';
import type { CallParts } from './test-browser.ts';
import type { World } from './test-matrix-world.ts';

/**
 * What a key with the right permission but for another group meets:
 * - `hidden`: the object does not exist for it;
 * - `filtered`: the call works and shows nothing of the world;
 * - `wide`: this concerns the whole organisation, so a key of any group is refused;
 * - `whole`: the same, of a permission that can be had in a group for other things;
 * - `harmless`: nothing in the answer belongs to a group.
 */
type Elsewhere = 'hidden' | 'filtered' | 'wide' | 'whole' | 'harmless';

export interface AccessRow {
  readonly route: Route;
  readonly parts?: (world: World) => CallParts<Route>;
  /** Status for whoever may; that of the contract unless told. */
  readonly allowed?: number;
  readonly elsewhere?: Elsewhere;
  /** What a key gets that may call it, where that is not what a person gets. */
  readonly asKey?: number;
  /** Further permissions without which the call cannot name what it is about. */
  readonly also?: readonly Permission[];
}

/** Of something that there never was. */
export const UNKNOWN_ID = '019aa000-0000-7000-8000-000000000001';
