import { toTerminalText } from '@holdfast/kernel';
import { CliError } from '../cli.errors.ts';
import type { CommandTools } from '../command-tools.ts';
import { askLine } from '../output/prompt.ts';

/**
 * Says what will change and asks, unless `--yes` was given.
 *
 * @param word for the worst: has to be typed instead of a yes
 * @throws CliError `CONFIRMATION_MISSING`
 */
export async function confirm(
  tools: CommandTools,
  options: Record<string, unknown>,
  consequences: readonly string[],
  word?: string,
): Promise<void> {
  if (options['yes'] === true) return;
  for (const sentence of consequences) tools.context.stderr.write(`- ${toTerminalText(sentence)}\n`);
  if (tools.context.stdin.isTTY !== true) {
    throw new CliError('CONFIRMATION_MISSING', 'Nobody is there to confirm this.', {
      remedy: 'Add --yes when you are sure.',
    });
  }
  const question = word === undefined ? 'Go on? [yes/no] ' : `Type ${word} to go on: `;
  const answer = await askLine(tools.context, question);
  if (word === undefined ? !isYes(answer) : answer.trim() !== word)
    throw new CliError('CONFIRMATION_MISSING', 'Nothing was changed.');
}

/** What counts as agreement; anything else does not. */
export function isYes(answer: string | undefined): boolean {
  return /^y(?:es)?$/iu.test(answer?.trim() ?? '');
}
