import { foldName } from '@holdfast/kernel';

/** Whether what stands in the field is the word that was asked for; small and capital letters are the same. */
export function isTyped(typed: string, word: string): boolean {
  return plain(typed) === plain(word);
}

/** Whether going on typing can no longer lead to the word. */
export function isOffTheWord(typed: string, word: string): boolean {
  return !plain(word).startsWith(plain(typed));
}

function plain(text: string): string {
  return foldName(text.trim());
}
