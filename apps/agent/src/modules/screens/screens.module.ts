/**
 * Locks the screens of whoever is signed in at this device. Promises that work goes on behind the lock and that it says whose
 * screens were asked to lock; a desktop that locks nothing is not noticed. Linux asks systemd; the ways of Windows and macOS are
 * written against their documentation and have not run on those systems yet.
 */
import { AppError } from '@holdfast/kernel';
import { commandCatalogue } from '@holdfast/protocol';
import type { AgentModule, Computer, ModuleNeeds } from '../agent-module.ts';
import { type CommandHandler, defineHandler, OnRestart } from '../commands/index.ts';
import type { SignIn } from '../sign-ins/index.ts';

export class ScreenError extends AppError<'SCREENS_NOT_LOCKED'> {}

type Program = readonly [file: string, args: readonly string[]];

/** What locks these screens, each of which has to succeed. */
const locks: Readonly<Partial<Record<NodeJS.Platform, (desktops: readonly SignIn[]) => readonly Program[]>>> =
  {
    linux: () => [['loginctl', ['lock-sessions']]],
    // The display sleeps, and asks for the password when it wakes where the settings of the system say so.
    darwin: () => [['/usr/bin/pmset', ['displaysleepnow']]],
    win32: (desktops) => desktops.flatMap(({ id }) => (id === undefined ? [] : [['tsdiscon.exe', [id]]])),
  };

function createLockHandler(
  platform: NodeJS.Platform,
  { run, signIns }: Pick<Computer, 'run' | 'signIns'>,
): CommandHandler {
  return defineHandler({
    definition: commandCatalogue.lockScreens,
    // A screen that is locked twice is locked.
    onRestart: OnRestart.repeat,
    run: async () => {
      const desktops = (await signIns.list()).filter(({ isDesktop }) => isDesktop);
      const users = [...new Set(desktops.map(({ userName }) => userName))];
      if (users.length === 0) return { detail: 'Nobody is signed in at a screen.', result: { users } };
      const lock = locks[platform];
      const done = await Promise.all(
        (lock?.(desktops) ?? []).map(async ([file, args]) => await run(file, args)),
      );
      if (done.length === 0 || done.includes(undefined)) {
        throw new ScreenError('SCREENS_NOT_LOCKED', 'The system did not lock the screens.', {
          facts: { platform },
          remedy: 'On Linux a screen is locked by loginctl of systemd, and by a desktop that listens to it.',
        });
      }
      return { detail: `Locked for ${users.join(', ')}.`, result: { users } };
    },
  });
}

/** Lets the server lock the screens. */
export const screensModule = {
  name: 'screens',
  create: ({ platform, computer }: Pick<ModuleNeeds, 'platform' | 'computer'>) => ({
    commands: [createLockHandler(platform, computer)],
  }),
} satisfies AgentModule;
