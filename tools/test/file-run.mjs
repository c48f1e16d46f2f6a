import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { judgeFile } from './outcome.mjs';

const REPORTER = new URL('reporter.mjs', import.meta.url).href;
const KEPT_CHARACTERS = 60_000;
const GRACE_MS = 5_000;

/** Process groups of test files that are running, so that Ctrl-C can end all of them. */
const running = new Set();

function signalGroup(pid, signal) {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
    return true;
  } catch (error) {
    if (error.code === 'ESRCH') return false;
    throw error;
  }
}

/**
 * True when processes of the group still run. Those that have ended and only wait to be collected do not count:
 * on a machine without a proper first process they stay for good.
 */
function hasMembers(group) {
  if (process.platform !== 'linux') return signalGroup(group, 0);
  return readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state, , memberOf] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(memberOf) === group && state !== 'Z';
    } catch {
      // It ended while we looked.
      return false;
    }
  });
}

export function stopAllFiles() {
  for (const pid of running) signalGroup(pid, 'SIGKILL');
}

function readRecords(path) {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  } catch {
    // No report, or one cut off in the middle: judged as a file that did not finish.
    return [];
  }
}

/** A developer's own Holdfast must not be touched by a test that forgot to say where its state lives. */
export function testEnvironment(temporary, env = process.env) {
  const clean = {};
  for (const [name, value] of Object.entries(env)) {
    const isOurs = name.startsWith('HOLDFAST_') && !name.startsWith('HOLDFAST_TEST_');
    if (!isOurs && name !== 'NODE_TEST_CONTEXT' && !/^npm_(lifecycle|package|config)_/.test(name))
      clean[name] = value;
  }
  return { ...clean, TMPDIR: temporary, NODE_ENV: 'test' };
}

/**
 * Runs one test file in a process, and process group, of its own. What the group leaves behind is ended, and
 * said.
 */
export function runFile(place, file, { env, limitSeconds, reportPath, namePattern }) {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const flags = [`--test-reporter=${REPORTER}`, `--test-reporter-destination=${reportPath}`];
    if (namePattern !== undefined) flags.push(`--test-name-pattern=${namePattern}`);
    const child = spawn(place.node, [...flags, join(place.root, file)], {
      cwd: place.root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    child.on('error', reject);
    if (child.pid === undefined) return;
    running.add(child.pid);
    let output = '';
    const keep = (text) => {
      output = (output + text).slice(-KEPT_CHARACTERS);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    let isLate = false;
    const timers = [
      setTimeout(() => {
        isLate = true;
        child.kill('SIGTERM');
        timers.push(setTimeout(() => signalGroup(child.pid, 'SIGKILL'), GRACE_MS));
      }, limitSeconds * 1000),
    ];
    // 'exit' and not 'close': a process left behind may hold our pipes open for ever.
    child.on('exit', (code, signal) => {
      for (const timer of timers) clearTimeout(timer);
      running.delete(child.pid);
      setTimeout(() => {
        const hasLeftovers = process.platform !== 'win32' && hasMembers(child.pid);
        if (hasLeftovers) signalGroup(child.pid, 'SIGKILL');
        child.stdout.destroy();
        child.stderr.destroy();
        const outcome = judgeFile(file, readRecords(reportPath), { code, signal, isLate, limitSeconds });
        resolve({ ...outcome, output, hasLeftovers, durationMs: performance.now() - startedAt });
      }, 20);
    });
  });
}
