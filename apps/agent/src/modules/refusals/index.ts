/**
 * What the server does not take from this agent: kept from the first no to the next yes, so that `status`, the health check, the
 * heartbeats and the log say it. Promises to say each refusal once, however often the call is repeated. Does not decide what a
 * refusal means to the call; that is up to who makes it.
 */
export {
  type GivenUp,
  noRefusals,
  type RefusableCall,
  refusableCalls,
  type Refusal,
  type RefusalRecord,
} from './refusal.ts';
export { createRefusalWatch, type RefusalWatch } from './refusal-watch.ts';
export { readRefusals } from './refusal.store.ts';
