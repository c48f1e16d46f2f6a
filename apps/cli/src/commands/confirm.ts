import { toTerminalText } from '@holdfast/kernel';
import { CliError } from '../cli.errors.ts';
import type { CommandTools } from '../command-tools.ts';
import { askLine } from '../output/prompt.ts';

/** Says what will change and asks, unless `--yes` was given. @throws CliError `CONFIRMATION_MISSING` */
export async function confirm(
  tools: CommandTools,
  options: Record<string, unknown>,
  consequences: readonly string[],
): Promise<void> {
  if (options['yes'] === true) return;
  for (const sentence of consequences) tools.context.stderr.write(`- ${toTerminalText(sentence)}\n`);
  if (tools.context.stdin.isTTY !== true) {
    throw new CliError('CONFIRMATION_MISSING', 'Nobody is there to confirm this.', {
      remedy: 'Add --yes when you are sure.',
    });
  }
  if (!isYes(await askLine(tools.context, 'Go on? [yes/no] ')))
    throw new CliError('CONFIRMATION_MISSING', 'Nothing was changed.');
}

/** What counts as agreement; anything else does not. */
export function isYes(answer: string | undefined): boolean {
  return /^y(?:es)?$/iu.test(answer?.trim() ?? '');
}
