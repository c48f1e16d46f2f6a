/** A code as people read it: `disk-space` and `diskSpace` as "Disk space". */
export function wordsOf(code: string): string {
  const words = code
    .replaceAll('-', ' ')
    .replaceAll(/([a-z\d])([A-Z])/gu, (_, end: string, begin: string) => `${end} ${begin.toLowerCase()}`);
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}
