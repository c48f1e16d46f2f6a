/** What a draw is for. Draws of different purposes never depend on each other. */
export const DrawPurpose = {
  transport: 1,
  arrival: 2,
  pacing: 3,
  sent: 4,
  received: 5,
  clockJump: 6,
  silence: 7,
  activity: 8,
} as const;
export type DrawPurpose = (typeof DrawPurpose)[keyof typeof DrawPurpose];

/**
 * A number in [0, 1) that depends on its arguments alone: the same seed gives every product the same fate, however the
 * network and the server mix up the order in which things happen.
 *
 * @param subject number of the product within the fleet
 * @param count how many draws the product has made for this purpose before
 */
export function drawAt(seed: number, subject: number, purpose: DrawPurpose, count: number): number {
  let hash = mix(seed ^ 0x9e3779b9);
  hash = mix(hash ^ subject);
  hash = mix(hash ^ Math.imul(purpose, 0x85ebca6b));
  hash = mix(hash ^ count);
  return hash / 2 ** 32;
}

/** The finaliser of MurmurHash3 after a step of its own constant: every bit of the input changes half of the output. */
function mix(value: number): number {
  let hash = (value + 0x6d2b79f5) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
