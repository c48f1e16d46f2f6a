import type { RunProgram } from '../../platform/program-output.ts';
import type { SignIn, SignInReader } from '../sign-ins/index.ts';
import {
  formatForTerminal,
  type MessageWay,
  type ShownMessage,
  toPlainMessage,
  type UserMessage,
  type UserMessenger,
} from './user-message.ts';

/** Shows a message on the desktop of one person. Answers whether it is there. */
export type ShowOnDesktop = (signIn: SignIn, message: UserMessage) => Promise<boolean>;

export interface SystemMessengerOptions {
  readonly signIns: SignInReader;
  readonly writeTerminal: (terminal: string, text: string) => Promise<boolean>;
  readonly showOnDesktop: ShowOnDesktop;
}

/** Tells each person once for each terminal, and once for each desktop. */
export function createSystemMessenger(options: SystemMessengerOptions): UserMessenger {
  const showTo = async (signIn: SignIn, message: UserMessage): Promise<MessageWay | undefined> => {
    if (signIn.isDesktop) return (await options.showOnDesktop(signIn, message)) ? 'desktop' : undefined;
    if (signIn.terminal === undefined) return undefined;
    const isWritten = await options.writeTerminal(signIn.terminal, formatForTerminal(message));
    return isWritten ? 'terminal' : undefined;
  };
  return {
    show: async (given) => {
      const message = toPlainMessage(given);
      const signIns = await options.signIns.list();
      const ways = await Promise.all(signIns.map((signIn) => showTo(signIn, message)));
      const byName = new Map<string, Set<MessageWay>>();
      for (const [index, { userName }] of signIns.entries()) {
        const known = byName.get(userName) ?? new Set();
        const way = ways[index];
        byName.set(userName, way === undefined ? known : known.add(way));
      }
      return [...byName].map(([name, shown]): ShownMessage => ({ name, ways: [...shown].sort() }));
    },
  };
}

/** A desktop is spoken to in the name of its user, over the bus of that user. */
export interface DesktopOptions {
  readonly run: RunProgram;
  /** User id of this process: only root speaks in the name of others. */
  readonly ownUserId: number | undefined;
}

/** Linux: over the bus of the desktop, as the freedesktop specification of notifications has it. */
export function createLinuxDesktop({ run, ownUserId }: DesktopOptions): ShowOnDesktop {
  return async ({ userId }, { title, text }) => {
    if (userId === undefined || (ownUserId !== 0 && ownUserId !== userId)) return false;
    const group = (await run('id', ['-g', '--', String(userId)]))?.trim() ?? '';
    if (!/^\d{1,10}$/u.test(group)) return false;
    const folder = `/run/user/${userId}`;
    const user = {
      userId,
      groupId: Number(group),
      environment: {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        XDG_RUNTIME_DIR: folder,
        DBUS_SESSION_BUS_ADDRESS: `unix:path=${folder}/bus`,
      },
    };
    // A body may hold markup, so what looks like it is made text.
    const body = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    for (const [file, args] of listNotifiers(title, body))
      if ((await run(file, args, user)) !== undefined) return true;
    return false;
  };
}

/** Whichever of the two is installed. */
function listNotifiers(title: string, body: string): readonly (readonly [string, readonly string[]])[] {
  const name = 'org.freedesktop.Notifications';
  const object = '/org/freedesktop/Notifications';
  // gdbus reads its arguments as literals of its own, whose strings are written as those of JSON.
  const [titleLiteral, bodyLiteral] = [JSON.stringify(title), JSON.stringify(body)];
  return [
    // It takes what follows a backslash in the body for a character of another kind, which could be that of markup.
    [
      'notify-send',
      ['--app-name=Holdfast', '--urgency=critical', '--', title, body.replaceAll('\\', '\\\\')],
    ],
    [
      'gdbus',
      [
        ...['call', '--session', '--dest', name, '--object-path', object, '--method', `${name}.Notify`],
        ...[
          '"Holdfast"',
          'uint32 0',
          '""',
          titleLiteral,
          bodyLiteral,
          '@as []',
          '{"urgency": <byte 2>}',
          'int32 -1',
        ],
      ],
    ],
  ];
}

const SCRIPT: readonly string[] = [
  'on run argv',
  'display notification (item 2 of argv) with title (item 1 of argv)',
  'end run',
];

/** macOS: in the desktop of the user. Written against its documentation; not run on a real Mac yet. */
export function createMacosDesktop({ run, ownUserId }: DesktopOptions): ShowOnDesktop {
  return async ({ userId }, { title, text }) => {
    if (userId === undefined) return false;
    const script = [...SCRIPT.flatMap((line) => ['-e', line]), '--', title, text];
    if (ownUserId === userId) return (await run('/usr/bin/osascript', script)) !== undefined;
    if (ownUserId !== 0) return false;
    const asUser = ['asuser', String(userId), '/usr/bin/sudo', '-u', `#${userId}`, '/usr/bin/osascript'];
    return (await run('/bin/launchctl', [...asUser, ...script])) !== undefined;
  };
}

/** Windows: a window in the way in of the user. Written against its documentation; not run on a real Windows yet. */
export function createWindowsDesktop({ run }: DesktopOptions): ShowOnDesktop {
  return async ({ id }, { title, text }) => {
    if (id === undefined) return false;
    // The program takes what begins with a slash for a switch; a quotation mark before the title ends that.
    return (await run('msg.exe', [id, '/TIME:86400', `"${title}"\r\n\r\n${text}`])) !== undefined;
  };
}
