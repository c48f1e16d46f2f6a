/**
 * What the periodic sign of life says of the device and of the agent. Promises to be cheap: a handful of system calls. When
 * a heartbeat is sent, and by which way, is decided by the loop and by the protocol's client.
 */
export type { ReadFreePercent } from './activity.ts';
export { createHeartbeatContent, type HeartbeatPart } from './heartbeat-content.ts';
