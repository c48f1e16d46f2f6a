/**
 * The agent's loop: a pure core that decides from events what to do next, and a shell that does it. Promises that there is always a
 * next step until the stop, that waits grow with failures and stay within bounds, that no errand runs twice at the same time,
 * and that what fails is tried again. Knows nothing of how a call travels or what an errand does: errands are data to it.
 */
export { type AgentLoop, createAgentLoop } from './agent-loop.ts';
export type { Errand } from './errand.ts';
export { waitForLoop } from './loop-wait.ts';
