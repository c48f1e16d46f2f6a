import { spawn } from 'node:child_process';

const KEPT_CHARACTERS = 200_000;

const running = new Set();

/** Ends what {@link runCommand} has started and is not finished: nothing of ours outlives us. */
export function stopCommands() {
  for (const child of running) child.kill('SIGTERM');
}

/**
 * Runs one command to its end and keeps what it said. Never a shell: arguments arrive as they are.
 * Resolves also when the command fails; rejects only when it cannot be started.
 */
export function runCommand(file, args, { cwd, env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    running.add(child);
    let output = '';
    let standardOutput = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      standardOutput = (standardOutput + text).slice(-KEPT_CHARACTERS);
      output = (output + text).slice(-KEPT_CHARACTERS);
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-KEPT_CHARACTERS);
    });
    child.on('error', (error) => {
      running.delete(child);
      reject(error);
    });
    child.on('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal, output, standardOutput });
    });
  });
}

/** The last lines of what a command said: enough to see why it failed. */
export function lastLines(output, count = 25) {
  return output.trimEnd().split('\n').slice(-count).join('\n');
}
