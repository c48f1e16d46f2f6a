import type { RunProgram } from '../../platform/program-output.ts';
import { MAX_SIGN_INS, type SignIn, type SignInReader } from './sign-in.ts';
import { parseWho } from './who-output.ts';

const PROPERTIES = 'Name,User,TTY,Type,Class,Remote,State';
const DESKTOPS: ReadonlySet<string> = new Set(['x11', 'wayland', 'mir']);

/** systemd knows everybody who signed in; where it does not run, `who` knows those with a terminal. */
export function createLinuxSignInReader(run: RunProgram): SignInReader {
  return {
    list: async () => {
      const ids = parseIds(await run('loginctl', ['list-sessions', '--no-legend', '--no-pager']));
      if (ids === undefined) return await listByWho(run);
      if (ids.length === 0) return [];
      const shown = await run('loginctl', ['show-session', ...ids, `--property=${PROPERTIES}`]);
      return parseLoginctl(shown ?? '');
    },
  };
}

/** `undefined` when systemd did not answer. */
function parseIds(list: string | undefined): readonly string[] | undefined {
  const lines = list?.split('\n').map((line) => line.trim().split(/\s+/u)[0] ?? '');
  return lines?.filter((id) => /^[A-Za-z0-9]{1,32}$/u.test(id)).slice(0, MAX_SIGN_INS);
}

/** The answer of `loginctl show-session`: a block of `Name=Value` for each, with an empty line in between. */
export function parseLoginctl(output: string): readonly SignIn[] {
  return output.split(/\n\s*\n/u).flatMap((block) => {
    const values = new Map(
      block.split('\n').map((line) => {
        const [name = '', ...rest] = line.split('=');
        return [name.trim(), rest.join('=').trim()];
      }),
    );
    const userName = values.get('Name') ?? '';
    // The sign-in screen, services and what ends already are nobody who could read.
    const isPerson = values.get('Class')?.startsWith('user') === true && values.get('State') !== 'closing';
    if (userName === '' || !isPerson) return [];
    const userId = values.get('User') ?? '';
    const terminal = values.get('TTY') ?? '';
    const isDesktop = DESKTOPS.has(values.get('Type') ?? '');
    return [
      {
        userName,
        ...(/^\d{1,10}$/u.test(userId) ? { userId: Number(userId) } : {}),
        // A desktop has taken its console over: nobody would see what is written there.
        ...(terminal === '' || isDesktop ? {} : { terminal }),
        isDesktop,
        isRemote: values.get('Remote') === 'yes',
      },
    ];
  });
}

async function listByWho(run: RunProgram): Promise<readonly SignIn[]> {
  const found = parseWho((await run('who', [])) ?? '', (line) => line.startsWith(':'));
  return await Promise.all(
    found.map(async (signIn) => {
      // Names come from the system's own record; the double hyphen keeps one that begins with a hyphen a name.
      const userId = (await run('id', ['-u', '--', signIn.userName]))?.trim() ?? '';
      return /^\d{1,10}$/u.test(userId) ? { ...signIn, userId: Number(userId) } : signIn;
    }),
  );
}
