/**
 * The deepest group that holds all of these places; undefined when there is none.
 *
 * @param places each with its path, ids from the top group down; null for devices that are gone
 */
export function findCommonGroupId(
  places: readonly { readonly path: readonly string[] | null }[],
): string | undefined {
  const [first, ...others] = places.flatMap(({ path }) => (path === null ? [] : [path]));
  if (first === undefined) return undefined;
  let depth = first.length;
  for (const path of others) {
    depth = Math.min(depth, path.length);
    while (depth > 0 && path[depth - 1] !== first[depth - 1]) depth -= 1;
  }
  return first[depth - 1];
}
