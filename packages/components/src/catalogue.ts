import type { ComponentRelease, SignedFile, SignedIncrement } from './component.ts';
import { ComponentError } from './component.errors.ts';
import { type Delegation, isDelegated, type TargetFile, type TargetsMetadata } from './metadata/index.ts';
import { parseIncrementCustom, parseReleaseCustom } from './release-custom.ts';
import { parseTargetPath, type TargetArea, type TargetPath } from './target-path.ts';

/** One component and what has been published of it. */
export interface CatalogueEntry {
  readonly newest: ComponentRelease;
  /** Those that are still there, the newest first. Only the newest has increments to it, as a rule. */
  readonly releases: readonly ComponentRelease[];
}

/** What verified metadata say. */
export interface Catalogue {
  readonly components: ReadonlyMap<string, CatalogueEntry>;
  /** Signed entries that cannot be used, each with the reason. They hinder no other component. */
  readonly refused: readonly { readonly path: string; readonly reason: string }[];
}

/** The role to which `targets` gives what a server brings in by itself, and what is its own to give. */
export interface FeedsMetadata {
  readonly delegation: Delegation;
  readonly targets: TargetsMetadata;
}

interface Found {
  readonly path: TargetPath;
  readonly file: TargetFile;
}

/**
 * The catalogue of metadata that have been verified. A feed never takes the id of a component that `targets` vouches for,
 * and is never a program: its key lies on a server, and a server must not decide what runs on a device.
 */
export function createCatalogue(targets: TargetsMetadata, feeds: FeedsMetadata | undefined): Catalogue {
  const refused: { path: string; reason: string }[] = [];
  const refuse = ({ path }: TargetFile, reason: string): void => void refused.push({ path, reason });
  const components = new Map<string, CatalogueEntry>();

  const own = groupByComponent([...targets.targets.values()], 'components');
  for (const [id, found] of own) {
    const entry = readEntry(found, refuse);
    if (entry !== undefined) components.set(id, entry);
  }
  if (feeds !== undefined) {
    // Delegated is delegated path by path.
    const delegated = [...feeds.targets.targets.values()].filter((file) => {
      const isInside = isDelegated(file.path, feeds.delegation);
      if (!isInside) refuse(file, 'it lies outside of what is delegated to feeds');
      return isInside;
    });
    for (const [id, found] of groupByComponent(delegated, 'feeds')) {
      if (own.has(id)) {
        for (const { file } of found) refuse(file, 'the component belongs to targets');
        continue;
      }
      const entry = readEntry(found, refuse);
      if (entry === undefined) continue;
      const isProgram = entry.releases.some(({ component }) => component.kind === 'program');
      if (isProgram) for (const { file } of found) refuse(file, 'a feed cannot be a program');
      else components.set(id, entry);
    }
  }
  return { components, refused };
}

/** By how many published releases a device with `release` is behind; with none it is behind by all that are there. */
export function countBehind(entry: CatalogueEntry, release: number | undefined): number {
  return entry.releases.filter((published) => published.release > (release ?? 0)).length;
}

function groupByComponent(
  files: readonly TargetFile[],
  area: TargetArea,
): ReadonlyMap<string, readonly Found[]> {
  const groups = new Map<string, Found[]>();
  for (const file of files) {
    const path = parseTargetPath(file.path);
    if (path?.area !== area) continue;
    const group = groups.get(path.component) ?? [];
    group.push({ path, file });
    groups.set(path.component, group);
  }
  return groups;
}

function readEntry(
  found: readonly Found[],
  refuse: (file: TargetFile, reason: string) => void,
): CatalogueEntry | undefined {
  /** What `read` makes of a file, or nothing when what is signed of it makes no sense. */
  const readOrRefuse = <Value>(file: TargetFile, read: () => Value): Value | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ComponentError)) throw error;
      refuse(file, error.message);
      return undefined;
    }
  };
  const increments = new Map<number, SignedIncrement[]>();
  const releases: ComponentRelease[] = [];
  for (const { path, file } of found) {
    if (path.from === undefined) continue;
    const increment = readOrRefuse(file, () => readIncrement(path, file));
    if (increment === undefined) continue;
    const known = increments.get(path.release) ?? [];
    known.push(increment);
    increments.set(path.release, known);
  }
  for (const { path, file } of found) {
    if (path.from !== undefined) continue;
    const release = readOrRefuse(file, () => readRelease(path, file, increments.get(path.release) ?? []));
    if (release !== undefined) releases.push(release);
  }
  releases.sort((left, right) => right.release - left.release);
  const [newest] = releases;
  return newest === undefined ? undefined : { newest, releases };
}

function readRelease(
  path: TargetPath,
  file: TargetFile,
  increments: readonly SignedIncrement[],
): ComponentRelease {
  const custom = parseReleaseCustom(file.custom, { unknownMembers: 'ignore' });
  if (custom.component.id !== path.component || custom.release !== path.release) throw misplaced();
  const { component, release, version, isUrgent } = custom;
  const byAge = [...increments].sort((left, right) => right.from - left.from);
  return { component, release, version, isUrgent, full: toSignedFile(file), increments: byAge };
}

function readIncrement(path: TargetPath, file: TargetFile): SignedIncrement {
  const custom = parseIncrementCustom(file.custom, { unknownMembers: 'ignore' });
  if (custom.component !== path.component || custom.release !== path.release || custom.from !== path.from)
    throw misplaced();
  return { ...toSignedFile(file), from: custom.from, encoding: custom.encoding };
}

function toSignedFile({ path, length, hashes: { sha256 } }: TargetFile): SignedFile {
  if (sha256 === undefined) throw new ComponentError('COMPONENT_INVALID', 'It has no SHA-256.');
  return { path, length, sha256 };
}

function misplaced(): ComponentError {
  return new ComponentError('COMPONENT_INVALID', 'It lies at the path of another file.');
}
