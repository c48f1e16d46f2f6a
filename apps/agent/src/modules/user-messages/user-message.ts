import { toTerminalLines, toTerminalText } from '@holdfast/kernel';

/** What whoever is signed in is to read. */
export interface UserMessage {
  readonly title: string;
  readonly text: string;
}

/** How it was shown. */
export type MessageWay = 'terminal' | 'desktop';

/** What became of a message at one person. */
export interface ShownMessage {
  readonly name: string;
  /** Empty: it could not be shown. */
  readonly ways: readonly MessageWay[];
}

/** Shows messages to whoever is signed in. Never fails, and takes seconds at most: what it could not show is in its answer. */
export interface UserMessenger {
  show(message: UserMessage): Promise<readonly ShownMessage[]>;
}

const MAX_TITLE_CHARACTERS = 200;
const MAX_TEXT_CHARACTERS = 2_000;

/** The same as data for a screen: nothing in it steers a terminal or turns the direction of writing. */
export function toPlainMessage({ title, text }: UserMessage): UserMessage {
  return {
    title: toTerminalText(title.replaceAll(/\s/gu, ' ')).slice(0, MAX_TITLE_CHARACTERS),
    text: toTerminalLines(text.replaceAll(/\r\n?/gu, '\n').replaceAll('\t', '    ')).slice(
      0,
      MAX_TEXT_CHARACTERS,
    ),
  };
}

/** For a terminal in the middle of something else: on lines of its own, with a bell. */
export function formatForTerminal({ title, text }: UserMessage): string {
  return `\r\n\u0007*** ${title} ***\r\n${text.replaceAll('\n', '\r\n')}\r\n\r\n`;
}
