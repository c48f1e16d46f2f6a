import type { Transport } from '@holdfast/protocol';
import type { AgentAction, AgentEvent } from './agent-event.ts';
import { type AgentContext, type AgentState, findErrand, initialAgentState } from './agent-state.ts';
import { stepAgent } from './agent-step.ts';
import type { ErrandPlan } from './errand.ts';

/** One errand of each kind that the agent has. */
export const errandPlans: readonly ErrandPlan[] = [
  { name: 'claim', occasions: ['handshake', 'commands-wait'] },
  { name: 'upload', occasions: ['handshake'] },
  { name: 'run', occasions: ['handshake'] },
  { name: 'logs', occasions: ['handshake', 'idle-hours-end'] },
  { name: 'inventory', everyMs: 24 * 3_600_000, isHeldInIdleHours: true, afterRefusalMs: 300_000 },
];

/** The core under a script of events, with a clock that the test moves. */
export interface LoopScript {
  readonly state: AgentState;
  /** Feeds one event and answers what is to be done. */
  feed(event: AgentEvent): readonly AgentAction[];
  wait(ms: number): void;
}

export function createLoopScript(random = 0.5, errands: readonly ErrandPlan[] = errandPlans): LoopScript {
  let state = initialAgentState;
  const context: { -readonly [Key in keyof AgentContext]: AgentContext[Key] } = {
    nowMs: 1_000_000,
    random,
    errands,
  };
  return {
    get state() {
      return state;
    },
    feed: (event) => {
      const step = stepAgent(state, event, { ...context });
      state = step.state;
      return step.actions;
    },
    wait: (ms) => {
      context.nowMs += ms;
    },
  };
}

export function acknowledged(
  handshakeNumber: number,
  options: {
    readonly nextIntervalMs?: number;
    readonly commandsWait?: boolean;
    readonly handshakeAgain?: boolean;
    readonly missedByUdp?: number;
    readonly idle?: boolean;
  } = {},
): AgentEvent {
  return {
    type: 'heartbeat-acknowledged',
    handshakeNumber,
    nextIntervalMs: options.nextIntervalMs ?? 60_000,
    commandsWait: options.commandsWait ?? false,
    handshakeAgain: options.handshakeAgain ?? false,
    idle: options.idle ?? false,
    missedByUdp: options.missedByUdp ?? 0,
  };
}

/** The names of the actions, with what tells them apart. */
export function nameActions(actions: readonly AgentAction[]): string[] {
  return actions.map((action) => {
    if (action.type === 'start-errand') return action.errand;
    if (action.type === 'send-heartbeat') return action.needsAnswer ? 'heartbeat' : 'blind heartbeat';
    if (action.type === 'set-timer') return `timer ${action.delayMs}`;
    return action.type;
  });
}

/** An agent that is connected and has nothing to do. */
export function connect(transport: Transport, random = 0.5): LoopScript {
  const script = createLoopScript(random);
  script.feed({ type: 'started' });
  script.feed({ type: 'handshake-succeeded', intervalMs: 60_000, returnSpreadMs: 0 });
  script.feed({ type: 'transport-chosen', handshakeNumber: 1, transport });
  script.feed(acknowledged(1));
  for (const { name: errand } of errandPlans) {
    script.feed({ type: 'errand-finished', errand, again: false });
    // Entries were wanted by the handshake and by the first acknowledgement.
    if (findErrand(script.state, errand).state !== 'idle') {
      script.feed({ type: 'errand-finished', errand, again: false });
    }
  }
  return script;
}

/** One heartbeat and what comes of it. */
export function beat(script: LoopScript, answer: AgentEvent): readonly AgentAction[] {
  script.feed({ type: 'timer-fired' });
  return script.feed(answer);
}
