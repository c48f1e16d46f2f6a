/**
 * Who is signed in at this device: names, terminals and desktops. Promises what the system tells or nothing, never a guess, and to
 * wait for its programs no longer than some seconds. Reads only. Linux is asked directly; the readers for Windows and macOS are
 * written against recorded output and have not run on those systems yet.
 */
import type { RunProgram } from '../../platform/program-output.ts';
import { createLinuxSignInReader } from './linux-sign-ins.ts';
import { createMacosSignInReader } from './macos-sign-ins.ts';
import type { SignInReader } from './sign-in.ts';
import { createWindowsSignInReader } from './windows-sign-ins.ts';

export type { SignIn, SignInReader } from './sign-in.ts';

export function createSignInReader(platform: NodeJS.Platform, run: RunProgram): SignInReader {
  switch (platform) {
    case 'linux':
      return createLinuxSignInReader(run);
    case 'darwin':
      return createMacosSignInReader(run);
    case 'win32':
      return createWindowsSignInReader(run);
    default:
      return { list: async () => [] };
  }
}
