import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { removeDurably, syncFolder, writeDurably } from '../../../platform/durable-file.ts';
import { isMissing } from '../../../platform/system-error.ts';

/**
 * The programs of the agent that came as updates, and which of them is to run: what `start-program.ts` of the service reads before it
 * starts one. All of it are names of releases in small files, because a shell reads and renames them. 0 is the program as it was
 * installed.
 *
 * | File | Holds |
 * |---|---|
 * | `RELEASE/` | `agent.mjs`, and `node` where the release brings a runtime |
 * | `current` | the release that is started |
 * | `previous` | the one to go back to |
 * | `trial` | a release that has to prove itself, and how often it was started |
 * | `returned` | a release that did not, and why |
 */
export interface ProgramFolder {
  /** Where the program of a release is unpacked. */
  releasePath(release: number): string;
  /** From the next start on `release` runs, on trial; when it does not prove itself, `previous`. */
  begin(release: number, previous: number): void;
  /** True while the release is the one on trial. */
  isOnTrial(release: number): boolean;
  /** The release has proven itself, and is not gone back from any more. */
  prove(): void;
  /** From the next start on `release` runs. */
  choose(release: number): void;
  readReturned(): { readonly release: number; readonly reason: string } | undefined;
  /** Removes the programs of all other releases, and what is known of one that was gone back from. */
  forgetOthers(keep: readonly number[]): void;
}

export function createProgramFolder(home: string): ProgramFolder {
  const folder = join(home, 'programs');
  const path = (name: string): string => join(folder, name);
  const write = (name: string, content: string): void => writeDurably(path(name), `${content}\n`, 0o600);
  const read = (name: string): readonly string[] => {
    try {
      return readFileSync(path(name), 'utf8').trim().split(' ');
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  };
  return {
    releasePath: (release) => path(String(release)),
    begin: (release, previous) => {
      // In this order: until the last one the former program is started, whatever the others say.
      write('previous', String(previous));
      write('trial', `${release} 0`);
      write('current', String(release));
    },
    isOnTrial: (release) => {
      const [onTrial] = read('trial');
      const [current] = read('current');
      return onTrial === String(release) && current === onTrial;
    },
    prove: () => removeDurably(path('trial')),
    choose: (release) => {
      write('current', String(release));
      removeDurably(path('trial'));
    },
    readReturned: () => {
      const [release, reason] = read('returned');
      if (release === undefined || reason === undefined || !/^\d{1,16}$/u.test(release)) return undefined;
      return { release: Number(release), reason };
    },
    forgetOthers: (keep) => {
      if (!existsSync(folder)) return;
      rmSync(path('returned'), { force: true });
      const kept = new Set(keep.map(String));
      for (const name of readdirSync(folder)) {
        if (/^\d+(?:\.incoming)?$/u.test(name) && !kept.has(name))
          rmSync(path(name), { recursive: true, force: true });
      }
      syncFolder(folder);
    },
  };
}
