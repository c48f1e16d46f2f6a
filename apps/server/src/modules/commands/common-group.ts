/**
 * The deepest group that holds all of these places; undefined when there is none.
 *
 * @param paths ids of groups from the top group down
 */
export function findCommonGroupId(paths: readonly (readonly string[])[]): string | undefined {
  const [first, ...others] = paths;
  if (first === undefined) return undefined;
  let depth = first.length;
  for (const path of others) {
    depth = Math.min(depth, path.length);
    while (depth > 0 && path[depth - 1] !== first[depth - 1]) depth -= 1;
  }
  return first[depth - 1];
}
