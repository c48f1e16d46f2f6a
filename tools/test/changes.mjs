import { runCommand } from '../setup/command.mjs';
import { SetupFault } from '../setup/fault.mjs';
import { findReaching } from './references.mjs';

/** What every test runs on: set-up, the runner, packages, the settings of the compiler, whatever lies at the top. */
const GLOBAL =
  /^tools\/(setup|build|test)\/(?!.*\.test\.mjs$)|^tools\/test\.mjs$|(^|\/)(package|tsconfig[\w.]*)\.json$|^(?!LICENSE$)[^/]+(?<!\.md)$/;

async function git(root, args) {
  const done = await runCommand('git', ['-c', 'safe.directory=*', '-C', root, ...args]);
  return done.code === 0 ? done.standardOutput : undefined;
}

/**
 * The files that differ from `since`, also those that are not committed, new, or gone. Without `since`, from where this
 * branch left main.
 */
export async function listChanges(root, since) {
  const from =
    since ??
    (await git(root, ['merge-base', 'HEAD', 'main']))?.trim() ??
    (await git(root, ['merge-base', 'HEAD', 'origin/main']))?.trim();
  const lists =
    from === undefined
      ? [undefined]
      : [
          await git(root, ['diff', '--name-only', '--no-renames', '-z', '--end-of-options', from, '--']),
          await git(root, ['ls-files', '--others', '--exclude-standard', '-z']),
        ];
  if (lists.includes(undefined)) {
    throw new SetupFault(`Git cannot say what has changed${from === undefined ? '' : ` since ${from}`}.`, {
      remedy: 'Name a commit: npm test -- --changed --since HEAD~1',
    });
  }
  return lists.flatMap((list) => list.split('\0')).filter((path) => path !== '');
}

/** The test files that a change of these files can touch. */
export function selectChanged(changes, testFiles, references) {
  if (changes.some((path) => GLOBAL.test(path))) return testFiles;
  const reaching = findReaching(changes, references);
  return testFiles.filter((file) => reaching.has(file));
}
