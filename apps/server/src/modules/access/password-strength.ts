import { minPasswordCharacters } from '@holdfast/api';
import { type TranslationKeys, ZxcvbnFactory } from '@zxcvbn-ts/core';
import { commonPasswordWords } from './common-passwords.ts';
import { keyboardGraphs } from './keyboard-graph.ts';

/** How strong a new password is, and what would make it better. */
export interface PasswordStrength {
  readonly isAccepted: boolean;
  /** 0 (guessed at once) to 4 (out of reach). */
  readonly score: 0 | 1 | 2 | 3 | 4;
  readonly hints: readonly string[];
}

/** NIST SP 800-63B in spirit: length and unpredictability, no rules about kinds of characters, no forced change. */
export const MIN_PASSWORD_CHARACTERS = minPasswordCharacters;
const MIN_SCORE = 3;
// The estimator's work grows faster than the input; what lies beyond can only make a password stronger.
const MAX_ESTIMATED_CHARACTERS = 48;
const MAX_CONTEXT_WORDS = 24;
// Each known word is looked for in every spelling, so a long name costs as much as a long password.
const MAX_CONTEXT_CHARACTERS = 32;
// Letters that belong to no known word and so make a password more than a decorated word.
const MIN_OWN_LETTERS = 3;
// More digits and signs than these carry weight of their own.
const MAX_DECORATION = 8;

/**
 * @param contextWords what an attacker knows about this account (sign-in name, display name, server name);
 *   using them makes a password weaker
 */
export function checkPasswordStrength(
  password: string,
  contextWords: readonly string[] = [],
): PasswordStrength {
  const text = normalizePassword(password);
  const characters = [...text].length;
  const dictionary = toDictionary(contextWords);
  const estimate = estimator.check(text.slice(0, MAX_ESTIMATED_CHARACTERS), dictionary);
  const isDecorated = isDecoratedWord(text, dictionary);
  const score = isDecorated ? Math.min(estimate.score, MIN_SCORE - 1) : estimate.score;
  const hints: string[] = [];
  if (characters < MIN_PASSWORD_CHARACTERS) hints.push(`Use at least ${MIN_PASSWORD_CHARACTERS} characters.`);
  if (isDecorated) hints.push('A common word or a name with digits and signs around it is easy to guess.');
  if (score < MIN_SCORE) {
    if (estimate.feedback.warning !== null && estimate.feedback.warning !== '')
      hints.push(estimate.feedback.warning);
    hints.push(...estimate.feedback.suggestions);
    if (hints.length < 2) hints.push(texts.suggestions.anotherWord);
  }
  return {
    isAccepted: characters >= MIN_PASSWORD_CHARACTERS && score >= MIN_SCORE,
    score: score as PasswordStrength['score'],
    hints: [...new Set(hints)].slice(0, 5),
  };
}

// Signs that only look different are no gain in strength.
function normalizePassword(password: string): string {
  return password.normalize('NFKC');
}

/**
 * The estimator takes each further part of a password for a large gain, also where the parts are the word of the
 * season, a year and two signs. Names of the account count as nothing, so `holdfast-admin-1` is one word.
 */
function isDecoratedWord(text: string, contextWords: readonly string[]): boolean {
  const letters = text
    .toLowerCase()
    .replace(/[^\p{L}]+/gu, ' ')
    .trim();
  const signs = text.replace(/\p{L}+/gu, '').length;
  if (letters === '' || letters.length > MAX_ESTIMATED_CHARACTERS || signs > MAX_DECORATION) return false;
  const context = new Set(contextWords);
  const own = letters.split(' ').map((part) => {
    let rest = part;
    let words = 0;
    while (rest.length >= 3) {
      const word = longestWordAt(rest, context);
      if (word === undefined) break;
      rest = rest.slice(word.length);
      if (!context.has(word)) words += 1;
    }
    return { part, words, rest };
  });
  const distinct = new Map(own.map((entry) => [entry.part, entry]));
  const counted = [...distinct.values()];
  const words = counted.reduce((sum, entry) => sum + entry.words, 0);
  const ownLetters = counted.reduce((sum, entry) => sum + entry.rest.length, 0);
  return words <= 1 && ownLetters < MIN_OWN_LETTERS;
}

function longestWordAt(text: string, context: ReadonlySet<string>): string | undefined {
  for (let length = text.length; length >= 3; length -= 1) {
    const word = text.slice(0, length);
    if (context.has(word) || commonWords.has(word)) return word;
  }
  return undefined;
}

function toDictionary(contextWords: readonly string[]): string[] {
  const words = [
    ...contextWords
      .map((word) => word.slice(0, MAX_CONTEXT_CHARACTERS))
      .flatMap((word) => [word, ...word.split(/[^\p{L}\p{N}]+/u)]),
    'holdfast',
    'console',
  ];
  return words
    .map((word) => word.toLowerCase())
    .filter((word) => word.length >= 3)
    .slice(0, MAX_CONTEXT_WORDS);
}

const commonWords: ReadonlySet<string> = new Set(commonPasswordWords);

const texts: TranslationKeys = {
  warnings: {
    straightRow: 'Rows of keys on the keyboard are easy to guess.',
    keyPattern: 'Patterns on the keyboard are easy to guess.',
    simpleRepeat: 'Repeated characters like "aaa" are easy to guess.',
    extendedRepeat: 'Repeated patterns like "abcabc" are easy to guess.',
    sequences: 'Sequences like "abc" or "4321" are easy to guess.',
    recentYears: 'Recent years are easy to guess.',
    dates: 'Dates are easy to guess.',
    topTen: 'This is among the most used passwords.',
    topHundred: 'This is among the most used passwords.',
    common: 'This is a common password.',
    similarToCommon: 'This is close to a common password.',
    wordByItself: 'A single word is easy to guess.',
    namesByThemselves: 'A name by itself is easy to guess.',
    commonNames: 'Common names are easy to guess.',
    userInputs: 'Leave out the name of the account and of this product.',
    pwned: 'This password is known from a data breach.',
  },
  suggestions: {
    l33t: 'Replacing letters, like "@" for "a", helps little.',
    reverseWords: 'Writing words backwards helps little.',
    allUppercase: 'All capitals are almost as easy to guess as none.',
    capitalization: 'A capital at the beginning helps little.',
    dates: 'Leave out dates that have to do with you.',
    recentYears: 'Leave out recent years.',
    associatedYears: 'Leave out years that have to do with you.',
    sequences: 'Leave out sequences.',
    repeated: 'Leave out repeated words and characters.',
    longerKeyboardPattern: 'Leave out keyboard patterns.',
    anotherWord: 'Add another word or two, uncommon ones.',
    useWords: 'Use several words that do not belong together.',
    noNeed: 'Digits, signs and capitals are not needed.',
    pwned: 'If you use this password elsewhere, change it there.',
  },
  // Not shown anywhere; the estimator wants them complete.
  timeEstimation: {
    ltSecond: '',
    second: '',
    seconds: '',
    minute: '',
    minutes: '',
    hour: '',
    hours: '',
    day: '',
    days: '',
    month: '',
    months: '',
    year: '',
    years: '',
    centuries: '',
  },
};

const estimator = new ZxcvbnFactory({
  dictionary: { passwords: [...commonPasswordWords] },
  graphs: { ...keyboardGraphs },
  translations: texts,
  maxLength: MAX_ESTIMATED_CHARACTERS,
  l33tMaxSubstitutions: 20,
});
