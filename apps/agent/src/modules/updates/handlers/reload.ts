import { hasCode, toOneLine } from '@holdfast/kernel';
import type { RunToEnd } from '../../../platform/program-end.ts';
import type { LocalComponentSettings } from '../component-places.ts';
import { UpdateError } from '../update.errors.ts';

const MAX_OUTPUT_CHARACTERS = 300;

/**
 * Runs what this computer says is to be run after a switch, without a shell.
 *
 * @throws UpdateError COMPONENT_RELOAD_FAILED
 */
export async function runReload(
  { reload }: LocalComponentSettings,
  runToEnd: RunToEnd,
  signal: AbortSignal,
): Promise<void> {
  if (reload === undefined) return;
  const [program, ...args] = reload;
  const { status, output } = await runToEnd(program, args, { signal });
  if (status === 0) return;
  signal.throwIfAborted();
  const how = status === undefined ? 'could not be run to its end' : `ended with status ${status}`;
  const said = toOneLine(output, MAX_OUTPUT_CHARACTERS);
  throw new UpdateError(
    'COMPONENT_RELOAD_FAILED',
    `The program that is to take it up, ${program}, ${how}${said === '' ? '' : `: ${said}`}.`,
    { remedy: 'Run it by hand on that computer, and see what it says.', facts: { program } },
  );
}

/** After a way back: the files are what they were, whether or not they were taken up at once. */
export async function runReloadAfterWayBack(
  settings: LocalComponentSettings,
  runToEnd: RunToEnd,
  signal: AbortSignal,
): Promise<void> {
  try {
    await runReload(settings, runToEnd, signal);
  } catch (error) {
    // What is told is why the new release could not be taken up.
    if (!hasCode(error, 'COMPONENT_RELOAD_FAILED')) throw error;
  }
}
