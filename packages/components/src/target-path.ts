/** Where a file of a release lies, as targets metadata name it. */
export interface TargetPath {
  /** Who vouches for it: the offline role `targets`, or the role `feeds` of what a server brings in by itself. */
  readonly area: TargetArea;
  readonly component: string;
  readonly release: number;
  /** The release that an increment starts from; `undefined` for the full file. */
  readonly from: number | undefined;
}

export const targetAreas = ['components', 'feeds'] as const;
export type TargetArea = (typeof targetAreas)[number];

const COMPONENT_ID = /^[a-z0-9][a-z0-9-]{0,63}$/;
const PATH =
  /^(components|feeds)\/([a-z0-9][a-z0-9-]{0,63})\/([1-9]\d{0,15})\/(?:full|from-([1-9]\d{0,15}))$/;

export function isComponentId(text: string): boolean {
  return COMPONENT_ID.test(text);
}

/** `components/ID/RELEASE/full` or `components/ID/RELEASE/from-OLD`; `undefined` for every other path. */
export function parseTargetPath(path: string): TargetPath | undefined {
  const [, area, component, releaseText, fromText] = PATH.exec(path) ?? [];
  if (area === undefined || component === undefined) return undefined;
  const release = Number(releaseText);
  const from = fromText === undefined ? undefined : Number(fromText);
  if (!Number.isSafeInteger(release) || (from !== undefined && !(from < release))) return undefined;
  return { area: area as TargetArea, component, release, from };
}

/** Inverse of {@link parseTargetPath}. */
export function formatTargetPath({ area, component, release, from }: TargetPath): string {
  return `${area}/${component}/${release}/${from === undefined ? 'full' : `from-${from}`}`;
}
