import { foldName } from '@holdfast/kernel';

/** Whether every word of the query occurs somewhere in the text, in any order. */
export function matchesWords(text: string, query: string): boolean {
  const folded = foldName(text);
  return foldName(query)
    .split(/\s+/)
    .every((word) => folded.includes(word));
}
