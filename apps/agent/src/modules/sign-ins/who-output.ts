import { MAX_SIGN_INS, type SignIn } from './sign-in.ts';

/**
 * The answer of `who`: name, line, time, and in brackets where somebody came from.
 *
 * @param isDesktopLine tells the line of a desktop from a terminal
 */
export function parseWho(output: string, isDesktopLine: (line: string) => boolean): readonly SignIn[] {
  return output
    .split('\n')
    .flatMap((text) => {
      const [userName = '', line = ''] = text.trim().split(/\s+/u);
      if (userName === '' || line === '') return [];
      const isDesktop = isDesktopLine(line);
      const [, origin = ''] = /\(([^)]*)\)\s*$/u.exec(text) ?? [];
      const isRemote = origin !== '' && !origin.startsWith(':') && !origin.startsWith('tmux(');
      return [{ userName, ...(isDesktop ? {} : { terminal: line }), isDesktop, isRemote }];
    })
    .slice(0, MAX_SIGN_INS);
}
