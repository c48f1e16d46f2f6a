/** True for the failure to load a part of the console that a newer release has replaced. */
export function isChunkMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    /dynamically imported module|Importing a module script failed|Unable to preload CSS/i.test(error.message)
  );
}
