/**
 * How the agent stands, for people and scripts on the device: the running agent writes how its connection is when that changes,
 * and `status` reads it with the registration and the queue, from another process; when the server was last heard it asks the
 * running agent. Promises to change nothing when reading, to write nothing while nothing changes, and to say where the time of
 * the last contact may be an old one: of an agent that was killed, or does not answer.
 */
export { type AgentStatus, readAgentStatus } from './agent-status.ts';
export { askContactTimes, type ContactTimes } from './contact-socket.ts';
export { findConnection } from './connection.store.ts';
export { type ConnectionHistory, createConnectionHistory } from './connection-history.ts';
