/** Tests of the whole system start a dozen processes each. */
const SYSTEM_LANES = 2;
/** When only they are left, nothing else wants the processors while they wait. */
const LAST_SYSTEM_LANES = 3;

/**
 * Takes the next file of the queue that may run beside `systemCount` of the whole system. None: the lane that asked has no more to
 * do, and those that run files of the whole system take the rest.
 */
export function takeNext(queue, systemCount, width) {
  const lanes = queue.some(({ isSystem }) => !isSystem) ? SYSTEM_LANES : LAST_SYSTEM_LANES;
  const index = queue.findIndex(({ isSystem }) => !isSystem || systemCount < Math.min(lanes, width));
  return index === -1 ? undefined : queue.splice(index, 1)[0];
}
