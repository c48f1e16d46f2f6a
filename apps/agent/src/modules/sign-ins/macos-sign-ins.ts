import type { RunProgram } from '../../platform/program-output.ts';
import type { SignIn, SignInReader } from './sign-in.ts';
import { parseWho } from './who-output.ts';

/** Asks macOS through its own programs. Written against recorded output; not run on a real Mac yet. */
export function createMacosSignInReader(run: RunProgram): SignInReader {
  return {
    list: async () => {
      const found = parseWho((await run('/usr/bin/who', [])) ?? '', (line) => line === 'console');
      const withIds = found.map(async (signIn): Promise<SignIn> => {
        const userId = (await run('/usr/bin/id', ['-u', signIn.userName]))?.trim() ?? '';
        return /^\d{1,10}$/u.test(userId) ? { ...signIn, userId: Number(userId) } : signIn;
      });
      return await Promise.all(withIds);
    },
  };
}
