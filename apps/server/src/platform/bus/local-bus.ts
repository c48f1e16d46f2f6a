import type { Logger } from 'pino';
import type { Bus, ServerEvent } from './bus.ts';

/** A bus within this process. A listener that throws is logged and the others still hear. */
export function createLocalBus(log: Logger): Bus {
  const listeners = new Set<(event: ServerEvent) => void>();
  return {
    publish(event) {
      for (const listener of [...listeners]) {
        try {
          listener(event);
        } catch (error) {
          log.error({ err: error, event: event.event.type }, 'a listener of the bus failed');
        }
      }
    },
    subscribe(listener) {
      // A wrapper of its own for each call, so that subscribing the same function twice counts twice.
      const own = (event: ServerEvent): void => listener(event);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
  };
}
