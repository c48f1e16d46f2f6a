import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseFailureJson } from '@holdfast/kernel';
import { CliError, ProgramError } from '../cli.errors.ts';
import { firstRestartDelayMs, planRestartDelay, restartWantedCode } from './process-restart.ts';
import { entryArguments } from './entry.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface AgentProcess {
  /** Ends the agent and waits for it. */
  stop(): Promise<void>;
}

/** Registers the agent in `agentHome` with a token, unless it is registered already. @throws ProgramError; CliError `PROCESS_FAILED` */
export async function enrolAgent(
  environment: Environment,
  agentHome: string,
  requestToken: () => Promise<string>,
): Promise<'enrolled' | 'already-enrolled'> {
  if (await isEnrolled(environment, agentHome)) return 'already-enrolled';
  const child = spawn(process.execPath, [...entryArguments('agent'), 'enroll', '-', '--json'], {
    env: agentEnvironment(environment, agentHome),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  child.stdin.on('error', () => undefined); // It reads the token or says on stderr why it ended.
  child.stdin.end(`${await requestToken()}\n`);
  const [errors, [code]] = await Promise.all([
    collect(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  if (code !== 0) {
    const failure = parseFailureJson(errors);
    if (failure !== undefined) {
      const message = `The agent of this computer could not be registered: ${failure.message}`;
      throw new ProgramError({ ...failure, message });
    }
    throw new CliError(
      'PROCESS_FAILED',
      `The agent of this computer could not be registered: ${errors.trim()}`,
    );
  }
  return 'enrolled';
}

/** The agent's `goodbye` gives up after about 3 seconds; a busy machine that starts it slowly, or a resolver that hangs, keeps it longer. */
const goodbyeLimitMs = 10_000;

/**
 * Runs the agent and starts it again when it falls, with growing delays, and at once when a command asked it to end. Of an agent that
 * fell the server is told first, so that the console shows it at once.
 */
export function runAgent(environment: Environment, agentHome: string, now: () => number): AgentProcess {
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopping = false;
  let delayMs = firstRestartDelayMs;
  let goodbye = Promise.resolve();

  const start = (): void => {
    const startedAt = now();
    // The channel carries nothing; when it closes because this process died, the agent stops by itself.
    child = spawn(process.execPath, [...entryArguments('agent'), 'run'], {
      env: agentEnvironment(environment, agentHome),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      detached: true,
    });
    child.once('exit', (code) => {
      child = undefined;
      if (isStopping) return;
      const endedAt = now();
      delayMs = planRestartDelay({ code, ranForMs: endedAt - startedAt }, delayMs);
      if (code !== restartWantedCode) goodbye = sayGoodbye(environment, agentHome);
      void goodbye.then(() => {
        if (!isStopping) timer = setTimeout(start, Math.max(0, delayMs - (now() - endedAt)));
      });
    });
  };
  start();

  return {
    async stop() {
      isStopping = true;
      clearTimeout(timer);
      await goodbye;
      if (child === undefined) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Has the agent's program say what its process no longer could. It looks for itself whether there is anything to say. */
async function sayGoodbye(environment: Environment, agentHome: string): Promise<void> {
  const child = spawn(process.execPath, [...entryArguments('agent'), 'goodbye'], {
    env: agentEnvironment(environment, agentHome),
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
    timeout: goodbyeLimitMs,
    killSignal: 'SIGKILL',
  });
  // Neither that it could not be started nor how it ended keeps the next agent from starting.
  await once(child, 'exit').catch(() => undefined);
}

async function isEnrolled(environment: Environment, agentHome: string): Promise<boolean> {
  const child = spawn(process.execPath, [...entryArguments('agent'), 'status', '--json'], {
    env: agentEnvironment(environment, agentHome),
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const [text] = await Promise.all([collect(child.stdout), once(child, 'exit')]);
  try {
    return (JSON.parse(text) as { isEnrolled?: unknown }).isEnrolled === true;
  } catch {
    // No status means that there is nothing to go on with; enrolment then says what is wrong.
    return false;
  }
}

function agentEnvironment(environment: Environment, agentHome: string): NodeJS.ProcessEnv {
  // Its ordinary news would stand between the lines that people read; what is wrong still shows.
  return { HOLDFAST_AGENT_LOG_LEVEL: 'warn', ...environment, HOLDFAST_AGENT_HOME: agentHome };
}

async function collect(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
