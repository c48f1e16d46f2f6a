import { planNextHeartbeatMs } from '@holdfast/protocol';
import { type AgentAction, CallFailure, type JobName } from './agent-event.ts';
import { type AgentContext, type AgentState, mapJobs, Phase } from './agent-state.ts';
import { shakeHandsAgain } from './handshake-step.ts';
import { wantJob } from './job-state.ts';
import { type AgentStep, stay } from './step.ts';

const INVENTORY_INTERVAL_MS = 24 * 3_600_000;
const INVENTORY_RETRY_MS = 300_000;

export function startJobs(state: AgentState, wanted: readonly JobName[]): AgentStep {
  const actions: AgentAction[] = [];
  const next = mapJobs(state, (job, current) => {
    if (!wanted.includes(job)) return current;
    const { next: following, start } = wantJob(current, state.phase === Phase.connected);
    if (start) actions.push({ type: 'start-job', job, session: state.session });
    return following;
  });
  return { state: next, actions };
}

export function startInventory(state: AgentState, context: AgentContext): AgentStep {
  const inventoryDueAtMs = context.nowMs + planNextHeartbeatMs(INVENTORY_INTERVAL_MS, context.random);
  return startJobs({ ...state, inventoryDueAtMs }, ['inventory']);
}

export function onJobFinished(
  state: AgentState,
  { job, again }: { readonly job: JobName; readonly again: boolean },
): AgentStep {
  const wasWantedAgain = state.jobs[job] === 'busy-again';
  const idle = mapJobs(state, (name, current) => (name === job ? 'idle' : current));
  return again || wasWantedAgain ? startJobs(idle, [job]) : stay(idle);
}

export function onJobFailed(
  state: AgentState,
  {
    job,
    session,
    failure,
  }: { readonly job: JobName; readonly session: number; readonly failure: CallFailure },
  context: AgentContext,
): AgentStep {
  // The run of commands is not about one call; its next attempt comes with the next sign of a connection.
  const isCurrent = session === state.session;
  const due = mapJobs(state, (name, current) => (name === job ? 'due' : current));
  const next: AgentState =
    job === 'inventory' && failure === CallFailure.refused
      ? {
          ...mapJobs(due, (name, current) => (name === job ? 'idle' : current)),
          inventoryDueAtMs: context.nowMs + INVENTORY_RETRY_MS,
        }
      : due;
  if (failure === CallFailure.unreachable || failure === CallFailure.refused) return stay(next);
  // An answer to an old session: the new one is there already.
  if (!isCurrent) return state.phase === Phase.connected ? startJobs(next, [job]) : stay(next);
  return shakeHandsAgain(next, context);
}
