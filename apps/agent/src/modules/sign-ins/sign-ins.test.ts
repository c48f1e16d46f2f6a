import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RunProgram } from '../../platform/program-output.ts';
import { createSignInReader } from './index.ts';
import { parseLoginctl } from './linux-sign-ins.ts';
import { parseQueryUser } from './windows-sign-ins.ts';

/** Programs with recorded answers, by their first argument or their name. */
const answering =
  (answers: Readonly<Record<string, string | undefined>>): RunProgram =>
  async (file, args) =>
    answers[`${file} ${args.join(' ')}`] ?? answers[`${file} ${args[0] ?? ''}`.trim()];

// systemd 252 on Debian 12: a desktop, a login over the network, the sign-in screen, a session that ends.
const LIST = `  c1 120 Debian-gdm seat0 tty1
   2 1000 ada        seat0 tty2
   7 1001 bob              pts/3
  12 1000 ada              -
`;
const SHOWN = `Name=Debian-gdm
User=120
TTY=tty1
Remote=no
Type=wayland
Class=greeter
State=online

Name=ada
User=1000
TTY=tty2
Remote=no
Type=wayland
Class=user
State=active

Name=bob
User=1001
TTY=pts/3
Remote=yes
Type=tty
Class=user
State=active

Name=ada
User=1000
TTY=
Remote=no
Type=unspecified
Class=user
State=closing
`;

test('Linux: systemd tells people from screens, and desktops from terminals', async () => {
  const run = answering({ 'loginctl list-sessions': LIST, 'loginctl show-session': SHOWN });
  assert.deepEqual(await createSignInReader('linux', run).list(), [
    { userName: 'ada', userId: 1000, isDesktop: true, isRemote: false },
    { userName: 'bob', userId: 1001, terminal: 'pts/3', isDesktop: false, isRemote: true },
  ]);
});

test('Linux: the names of sessions reach the next program only in the form that they have', async () => {
  const asked: string[][] = [];
  const run: RunProgram = async (_, args) => {
    asked.push([...args]);
    return args[0] === 'list-sessions' ? '  --help 0 eve\n $(reboot) 0 eve\n  3 0 root\n' : '';
  };
  await createSignInReader('linux', run).list();
  assert.deepEqual(asked[1]?.slice(0, 2), ['show-session', '3']);
});

test('Linux: without systemd `who` knows those with a terminal', async () => {
  const who = `ada      :0           2026-11-30 08:12 (:0)
bob      pts/1        2026-11-30 09:30 (192.168.1.5)
ada      pts/2        2026-11-30 09:41 (tmux(511).%0)
root     tty1         2026-11-30 07:00
`;
  const run = answering({ who, 'id -u -- ada': '1000\n', 'id -u -- bob': '1001\n', 'id -u': undefined });
  assert.deepEqual(await createSignInReader('linux', run).list(), [
    { userName: 'ada', userId: 1000, isDesktop: true, isRemote: false },
    { userName: 'bob', userId: 1001, terminal: 'pts/1', isDesktop: false, isRemote: true },
    { userName: 'ada', userId: 1000, terminal: 'pts/2', isDesktop: false, isRemote: false },
    { userName: 'root', terminal: 'tty1', isDesktop: false, isRemote: false },
  ]);
});

test('macOS: the console is the desktop', async () => {
  const who = 'ada      console      Nov 30 08:12 \nada      ttys001      Nov 30 09:30 \n';
  const run = answering({ '/usr/bin/who': who, '/usr/bin/id -u ada': '501\n' });
  assert.deepEqual(await createSignInReader('darwin', run).list(), [
    { userName: 'ada', userId: 501, isDesktop: true, isRemote: false },
    { userName: 'ada', userId: 501, terminal: 'ttys001', isDesktop: false, isRemote: false },
  ]);
});

test('Windows: whoever is connected, in any language; a session that is disconnected has nobody before it', async () => {
  const english = ` USERNAME              SESSIONNAME        ID  STATE   IDLE TIME  LOGON TIME\r
>ada lovelace          console             1  Active      none   11/30/2026 8:12 AM\r
 bob                   rdp-tcp#3           2  Active         10  11/30/2026 9:30 AM\r
 eve                                       3  Disc         1:02  11/29/2026 9:30 AM\r
`;
  const german = ` BENUTZERNAME          SITZUNGSNAME       ID  STATUS  LEERLAUF   ANMELDEZEIT\r
>ada                   console             1  Aktiv       kein   30.11.2026 08:12\r
`;
  const run = answering({ 'query.exe user': english });
  assert.deepEqual(await createSignInReader('win32', run).list(), [
    { userName: 'ada lovelace', id: '1', isDesktop: true, isRemote: false },
    { userName: 'bob', id: '2', isDesktop: true, isRemote: true },
  ]);
  assert.deepEqual(
    parseQueryUser(german).map(({ userName }) => userName),
    ['ada'],
  );
});

test('a system that says nothing, or is not known, has nobody signed in', async () => {
  for (const platform of ['linux', 'darwin', 'win32', 'freebsd'] as const) {
    assert.deepEqual(await createSignInReader(platform, async () => undefined).list(), []);
  }
});

test('whatever a program prints, it is read without a failure and within bounds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 500 }), (text) => {
      assert.ok(parseLoginctl(text).length <= 500);
      assert.ok(parseQueryUser(text.repeat(20)).length <= 64);
    }),
  );
});
