/**
 * How well the agent is: a few checks, each with a state and a sentence, for the command of the server and for people on the
 * device. Promises to change nothing, to answer within seconds and to say what to do where something is wrong. Does not look
 * at the device beyond what the agent itself needs.
 */
export { assessHealth, findOverallState } from './health-check.ts';
export type { HealthCheck, HealthState } from './health-state.ts';
export { type HealthFacts, readHealthFacts } from './health-facts.ts';
