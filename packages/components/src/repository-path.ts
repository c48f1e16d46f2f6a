import { type HashName, hashNames, type Hashes } from './metadata/index.ts';

/**
 * Where files of a repository lie, seen from its folder or its address. Paths are those of URLs: characters beyond letters,
 * digits, `-`, `.`, `_` and `~` are percent-encoded in each segment.
 */

/** A text as one segment: it never leads elsewhere, whatever stands in it. */
export function encodeSegment(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The name under which a client keeps metadata of a role. */
export function metadataFileName(role: string): string {
  return `${encodeSegment(role)}.json`;
}

/** `metadata/ROLE.json`, or `metadata/VERSION.ROLE.json` where a version is named. */
export function metadataPath(role: string, version: number | undefined): string {
  const name = metadataFileName(role);
  return `metadata/${version === undefined ? name : `${version}.${name}`}`;
}

/** In a repository with consistent snapshots, a file lies under its hash; `hash` is `undefined` in one without. */
export function targetFilePath(path: string, hash: string | undefined): string {
  const segments = path.split('/');
  const name = segments.pop() ?? '';
  return [
    'targets',
    ...segments.map(encodeSegment),
    encodeSegment(hash === undefined ? name : `${hash}.${name}`),
  ].join('/');
}

/** The hash that a file lies under: the first known one, as every hash of a file has a copy of it (specification 6.2.1). */
export function strongestHash(hashes: Hashes): { algorithm: HashName; digest: string } | undefined {
  for (const algorithm of hashNames) {
    const digest = hashes[algorithm];
    if (digest !== undefined) return { algorithm, digest };
  }
  return undefined;
}
