import type { RunProgram } from '../../platform/program-output.ts';
import { MAX_SIGN_INS, type SignIn, type SignInReader } from './sign-in.ts';

/** Asks Windows through its own program. Written against recorded output; not run on a real Windows yet. */
export function createWindowsSignInReader(run: RunProgram): SignInReader {
  return { list: async () => parseQueryUser((await run('query.exe', ['user'])) ?? '') };
}

/**
 * The answer of `query user`: name, name of the way in, its number, state, times. The words of the first line and of the state are
 * in the language of the system, so the number is what a line is known by.
 */
export function parseQueryUser(output: string): readonly SignIn[] {
  return output
    .split(/\r?\n/u)
    .flatMap((line) => {
      const found = /^[ >](\S.{0,62}?)\s{2,}(?:(\S+)\s+)?(\d{1,9})\s+\S/u.exec(line);
      const [, userName, way = '', id] = found ?? [];
      // One without a name of its way in is disconnected: nobody sits there.
      if (userName === undefined || id === undefined || way === '') return [];
      return [{ userName, id, isDesktop: true, isRemote: way !== 'console' }];
    })
    .slice(0, MAX_SIGN_INS);
}
