/**
 * How the agent stands, for people and scripts on the device: the running agent writes how its connection is, and `status`
 * reads that with the registration and the queue, from another process. Promises to change nothing when reading. Does
 * not promise to be newer than half a minute for the time of the last contact.
 */
export { type AgentStatus, readAgentStatus } from './agent-status.ts';
export { findConnection } from './connection.store.ts';
export { type ConnectionJournal, createConnectionJournal } from './connection-journal.ts';
