import { arch } from 'node:os';
import type { Catalogue, ComponentRelease } from '@holdfast/components';
import type { ComponentRecord } from './component-record.ts';

/** Where components run on this computer, as publishers name it. */
export interface ComponentPlatform {
  /** `linux`, `windows`, `macos`. */
  readonly system: string;
  /** `x64`, `arm64`. */
  readonly architecture: string;
}

export interface UpdatePlanInput {
  readonly catalogue: Pick<Catalogue, 'components'>;
  readonly records: readonly ComponentRecord[];
  readonly platform: ComponentPlatform;
  /** Releases beyond which the server does not want this computer to go yet. */
  readonly ceilings: ReadonlyMap<string, number>;
  /** False for components that this computer leaves out, or has no use for. */
  readonly isWanted: (release: ComponentRelease) => boolean;
}

/** One component of this computer. */
export interface PlannedComponent {
  readonly id: string;
  /** The newest release that it may have; `undefined`: none yet. */
  readonly target: ComponentRelease | undefined;
  /** The newest one is held back. */
  readonly isHeldBack: boolean;
  /** What it would be switched to; `undefined`: it stays as it is. */
  readonly next: ComponentRelease | undefined;
}

/**
 * What this computer is to have of what is published, by id: the newest release of each component that it may have. Nothing older than
 * what is in use is ever planned, whatever the metadata or the server say.
 */
export function planUpdates(input: UpdatePlanInput): readonly PlannedComponent[] {
  const { catalogue, records, platform, ceilings, isWanted } = input;
  const recordOf = new Map(records.map((record) => [record.description.id, record]));
  const planned: PlannedComponent[] = [];
  for (const [id, { newest, releases }] of catalogue.components) {
    if (!runsOn(newest.component.platforms, platform) || !isWanted(newest)) continue;
    const current = recordOf.get(id)?.current?.release;
    const ceiling = ceilings.get(id) ?? Number.POSITIVE_INFINITY;
    const allowed = releases.find(({ release }) => release <= ceiling);
    const isNewer = allowed !== undefined && !(allowed.release <= (current ?? 0));
    planned.push({
      id,
      target: allowed,
      isHeldBack: newest.release > ceiling,
      next: isNewer ? allowed : undefined,
    });
  }
  return planned.sort((left, right) => (left.id < right.id ? -1 : 1));
}

function runsOn(platforms: readonly string[], { system, architecture }: ComponentPlatform): boolean {
  return platforms.some((one) => one === 'any' || one === system || one === `${system}-${architecture}`);
}

/** This computer, as publishers name it. */
export function describePlatform(
  platform: NodeJS.Platform,
  architecture: string = arch(),
): ComponentPlatform {
  const names: Readonly<Partial<Record<NodeJS.Platform, string>>> = { win32: 'windows', darwin: 'macos' };
  return { system: names[platform] ?? platform, architecture };
}
