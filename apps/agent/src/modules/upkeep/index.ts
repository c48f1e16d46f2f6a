/**
 * Commands about the agent itself: synchronise, restart, send the logs, shake hands again, set the log level. Promises that each
 * reports what really came of it, a restart from the process after it, and that one which needs the server waits until it
 * is there. Does not decide when an agent does these things by itself: that is the loop's.
 */
export { upkeepModule } from './upkeep.module.ts';
