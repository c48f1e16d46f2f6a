import { type AgentAction } from './agent-event.ts';
import type { AgentState } from './agent-state.ts';

/** The next state, and what is to be done now. */
export interface AgentStep {
  readonly state: AgentState;
  readonly actions: readonly AgentAction[];
}

export function stay(state: AgentState): AgentStep {
  return { state, actions: [] };
}

/** One step after another, as one. */
export function andThen(step: AgentStep, follow: (state: AgentState) => AgentStep): AgentStep {
  const following = follow(step.state);
  return { state: following.state, actions: [...step.actions, ...following.actions] };
}
