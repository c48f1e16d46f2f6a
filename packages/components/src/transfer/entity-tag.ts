/** RFC 9110, section 8.8.3: `W/` where it is weak, and an opaque text in quotes. */
const TAG = /^(?<weak>W\/)?(?<opaque>"[\x21\x23-\x7e]{0,200}")$/u;
const MAX_HEADER = 4_096;

/** The tag in a form in which it may be sent back to continue a file: a strong one, or undefined. */
export function parseStrongTag(header: string | undefined): string | undefined {
  const groups = TAG.exec(header ?? '')?.groups;
  return groups?.['weak'] === undefined ? groups?.['opaque'] : undefined;
}

/**
 * Does a list of `If-Match` or `If-None-Match` hold this tag? Section 13.1.1 compares strongly, section 13.1.2 weakly. A list that
 * cannot be read holds nothing.
 */
export function holdsTag(list: string, tag: string, comparison: 'strong' | 'weak'): boolean {
  if (list.trim() === '*') return true;
  if (list.length > MAX_HEADER) return false;
  return list.split(',').some((part) => {
    const groups = TAG.exec(part.trim())?.groups;
    return groups?.['opaque'] === tag && (comparison === 'weak' || groups['weak'] === undefined);
  });
}
