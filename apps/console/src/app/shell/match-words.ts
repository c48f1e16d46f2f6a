/** Whether every word of the query occurs somewhere in the text, in any order. */
export function matchesWords(text: string, query: string): boolean {
  const lower = text.toLocaleLowerCase();
  return query
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}
