/**
 * Messages to whoever is signed in at this device, on terminals and desktops. Promises that what is shown is text and nothing else:
 * no markup, no control characters, no shell; that each program that helps runs in the name of its reader with nothing of ours;
 * and to say to whom a message was shown. Does not promise that anybody has read it. What is written for Windows and macOS has
 * not run on those systems yet.
 */
import type { RunProgram } from '../../platform/program-output.ts';
import { writeTerminal } from '../../platform/terminal-write.ts';
import type { SignInReader } from '../sign-ins/index.ts';
import {
  createLinuxDesktop,
  createMacosDesktop,
  createSystemMessenger,
  createWindowsDesktop,
  type DesktopOptions,
  type ShowOnDesktop,
} from './system-messenger.ts';
import type { UserMessenger } from './user-message.ts';

export type { ShownMessage, UserMessage, UserMessenger } from './user-message.ts';

const desktops: Readonly<Partial<Record<NodeJS.Platform, (options: DesktopOptions) => ShowOnDesktop>>> = {
  linux: createLinuxDesktop,
  darwin: createMacosDesktop,
  win32: createWindowsDesktop,
};

export function createUserMessenger(
  platform: NodeJS.Platform,
  options: { readonly signIns: SignInReader; readonly run: RunProgram },
): UserMessenger {
  const { signIns, run } = options;
  const createDesktop = desktops[platform];
  return createSystemMessenger({
    signIns,
    writeTerminal,
    showOnDesktop: createDesktop?.({ run, ownUserId: process.getuid?.() }) ?? (async () => false),
  });
}
