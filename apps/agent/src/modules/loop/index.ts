/**
 * The agent's loop: a pure core that decides from events what to do next, and a shell that does it. Promises that there is always a
 * next step until the stop, that waits grow with failures and stay within bounds, that no errand runs twice at the same time,
 * and that what fails is tried again. Knows nothing of how a call travels or what an errand does.
 */
export type { ErrandName } from './agent-event.ts';
export { type AgentLoop, createAgentLoop, type Errand } from './agent-loop.ts';
export { waitForLoop } from './loop-wait.ts';
