import { spawn } from 'node:child_process';
import { constants } from 'node:os';

import { onNpmGone } from './parent.mjs';

/** A terminal's Ctrl-C and npm's own forwarding of it are one wish, not two. */
const SAME_WISH_MS = 1_000;

/**
 * Runs a program in our place: same terminal, same folder, same signals, and its exit code becomes ours.
 *
 * Ctrl-C in a terminal reaches the whole process group, so the program has it already and gets no second one
 * from us. What is sent to this process alone (a service manager, `kill`) is passed on.
 */
export function runInForeground(file, args, { env = process.env, cwd } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'inherit', env, cwd });
    const hasTerminal = process.stdin.isTTY === true;
    let interruptedAt;
    let wasAsked = false;
    const handlers = {
      SIGINT() {
        const now = performance.now();
        const isRepeat = interruptedAt !== undefined && now - interruptedAt < SAME_WISH_MS;
        const isFirst = interruptedAt === undefined;
        interruptedAt = now;
        wasAsked = true;
        if (isRepeat || (hasTerminal && isFirst)) return;
        child.kill('SIGINT');
      },
      SIGTERM() {
        wasAsked = true;
        child.kill('SIGTERM');
      },
      SIGHUP() {
        wasAsked = true;
        child.kill('SIGHUP');
      },
    };
    const forget = () => {
      for (const [name, handler] of Object.entries(handlers)) process.off(name, handler);
    };
    for (const [name, handler] of Object.entries(handlers)) process.on(name, handler);
    onNpmGone(handlers.SIGTERM);
    child.on('error', (error) => {
      forget();
      reject(error);
    });
    child.on('close', (code, signal) => {
      forget();
      resolve({ code: code ?? 128 + (constants.signals[signal] ?? 0), signal, wasAsked });
    });
  });
}
