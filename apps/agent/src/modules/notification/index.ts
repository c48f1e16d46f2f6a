/**
 * Calls of the server between heartbeats: what the agent does when one comes, and the stream that it keeps open where the server
 * cannot reach it otherwise. Promises that a lost stream is opened again without a storm, and that nothing hangs on a call: what
 * one would have told comes with the next heartbeat. Proving calls is the protocol's business.
 */
export { reactToNotification } from './notification-reaction.ts';
export { createStreamKeeper, type StreamKeeper } from './stream-keeper.ts';
