import type { LiveEvent } from '@holdfast/api';
import { toTerminalLines } from '@holdfast/kernel';

/** Every kind of event, kept complete by the compiler. */
const known: Readonly<Record<LiveEvent['type'], true>> = {
  hello: true,
  presence: true,
  device: true,
  groups: true,
  command: true,
  'command-target': true,
  logs: true,
  'waiting-registrations': true,
  'enrolment-tokens': true,
  settings: true,
  jobs: true,
  components: true,
  tags: true,
  refresh: true,
};

export const liveEventTypes = Object.keys(known) as LiveEvent['type'][];

/** An event of the stream, or undefined for one of a newer server that this console does not know. */
export function parseLiveEvent(data: string): LiveEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(toTerminalLines(data));
  } catch {
    // A torn line says nothing; the next event or reconnect brings the state.
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined;
  const type = value.type;
  if (typeof type !== 'string' || !Object.hasOwn(known, type)) return undefined;
  // The server's own contract; only the kind is looked at, as with every answer of the API.
  return value as LiveEvent;
}
