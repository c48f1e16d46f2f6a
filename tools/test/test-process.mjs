import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('test-process.main.mjs', import.meta.url));
const QUICK_START = new URL('quick-start.mjs', import.meta.url).href;
const REPORTER = new URL('reporter.mjs', import.meta.url).href;
const KEPT_CHARACTERS = 60_000;
const GRACE_MS = 5_000;
/** What a process printed last may arrive a moment after its last message. */
const LAST_WORDS_MS = 20;

/** Process groups of tests that are running, so that Ctrl-C can end all of them. */
const running = new Set();

function sendSignal(pid, signal) {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (error.code === 'ESRCH') return false;
    throw error;
  }
}

const groupOf = (pid) => (process.platform === 'win32' ? pid : -pid);

/**
 * The processes of a group, without those that have ended and only wait to be collected: on a machine without a proper
 * first process they stay for good. Only Linux can tell.
 */
function listMembers(group) {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [state, , memberOf] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return Number(memberOf) === group && state !== 'Z';
      } catch {
        // It ended while we looked.
        return false;
      }
    })
    .map(Number);
}

export function stopAllFiles() {
  for (const pid of running) sendSignal(groupOf(pid), 'SIGKILL');
}

/**
 * A developer's own Holdfast must not be touched by a test that forgot to say where its state lives. What Node.js compiles is
 * kept from one process, and one run, to the next; where the programs that tests start were bundled, they start from the bundles.
 */
export function testEnvironment(place, temporary, { isBundled = false, env = process.env } = {}) {
  const clean = {};
  for (const [name, value] of Object.entries(env)) {
    const isOurs = name.startsWith('HOLDFAST_') && !name.startsWith('HOLDFAST_TEST_');
    if (!isOurs && name !== 'NODE_TEST_CONTEXT' && !/^npm_(lifecycle|package|config)_/.test(name))
      clean[name] = value;
  }
  const compiled = join(place.root, '.cache', 'compiled');
  if (isBundled) clean.NODE_OPTIONS = `${clean.NODE_OPTIONS ?? ''} --import=${QUICK_START}`.trim();
  return { ...clean, TMPDIR: temporary, NODE_ENV: 'test', NODE_COMPILE_CACHE: compiled };
}

/**
 * A process, and process group, of its own that runs test files one after the other. Whatever a file does is told of that
 * file: its processes are looked for, and ended, when it is over, and a file that takes the process with it, or does not
 * leave it as it was, is the last that it runs.
 */
export class TestProcess {
  #place;
  #child;
  #ending;
  #output = '';
  #records = [];
  #onOver = () => {};

  constructor(place, { env, namePattern }) {
    const flags = [`--test-reporter=${REPORTER}`, '--test-reporter-destination=stdout'];
    if (namePattern !== undefined) flags.push(`--test-name-pattern=${namePattern}`);
    this.#place = place;
    this.#child = spawn(place.node, [...flags, MAIN], {
      cwd: place.root,
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: process.platform !== 'win32',
    });
    if (this.#child.pid !== undefined) running.add(this.#child.pid);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.#output = (this.#output + text).slice(-KEPT_CHARACTERS);
      });
    }
    this.#child.on('message', (record) => {
      this.#records.push(record);
      if (record.kind === 'over') this.#onOver();
    });
    this.#ending = this.#waitForEnd();
  }

  async #waitForEnd() {
    const hasNoChannel = new Promise((resolve) => void this.#child.once('disconnect', resolve));
    // 'exit' and not 'close': a process left behind may hold our pipes open for ever.
    const [code, signal] = await once(this.#child, 'exit');
    // Its last records arrive before the channel closes.
    await Promise.race([hasNoChannel, delay(GRACE_MS, undefined, { ref: false })]);
    await delay(LAST_WORDS_MS);
    const { platform } = process;
    const mayHaveLeftovers =
      platform === 'linux' ? listMembers(this.#child.pid).length > 0 : platform !== 'win32';
    const hasLeftovers = mayHaveLeftovers && sendSignal(groupOf(this.#child.pid), 'SIGKILL');
    running.delete(this.#child.pid);
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    return { code, signal, hasLeftovers };
  }

  /** The end of the process; 'late' after `limitMs`; or what the other promise brought before. */
  async #endsWithin(limitMs, other) {
    const timer = new AbortController();
    const late = delay(limitMs, 'late', { signal: timer.signal }).catch(() => undefined);
    const first = await Promise.race([this.#ending, late, ...(other === undefined ? [] : [other])]);
    timer.abort();
    return first;
  }

  async #stop() {
    this.#child.kill('SIGTERM');
    if ((await this.#endsWithin(GRACE_MS)) === 'late') sendSignal(groupOf(this.#child.pid), 'SIGKILL');
    return await this.#ending;
  }

  /**
   * Runs one file to its end.
   *
   * @returns its records, what it printed, and `ending`: how it ended. While `ending.isAlive` the process can run another.
   */
  async run(file, limitSeconds) {
    this.#output = '';
    this.#records = [];
    const over = new Promise((resolve) => {
      this.#onOver = () => resolve('over');
    });
    // What cannot be delivered to a process that has just died need not be: its end is what the file came to.
    this.#child.send({ file: join(this.#place.root, file) }, () => {});
    const first = await this.#endsWithin(limitSeconds * 1000, over);
    if (first === 'late') return this.#describe({ ...(await this.#stop()), isLate: true, limitSeconds });
    if (first !== 'over') return this.#describe(first);
    const leftovers = listMembers(this.#child.pid).filter((pid) => pid !== this.#child.pid);
    for (const pid of leftovers) sendSignal(pid, 'SIGKILL');
    const { code } = this.#records.find(({ kind }) => kind === 'over');
    return this.#describe({ code, signal: null, isAlive: true, hasLeftovers: leftovers.length > 0 });
  }

  #describe(ending) {
    return { records: this.#records, ending, output: this.#output };
  }

  /** Lets the process end: nothing that its files left open may keep it. */
  async end(limitSeconds) {
    if (this.#child.connected) this.#child.disconnect();
    const ending = await this.#endsWithin(limitSeconds * 1000);
    return ending === 'late' ? { ...(await this.#stop()), isLate: true, limitSeconds } : ending;
  }
}
