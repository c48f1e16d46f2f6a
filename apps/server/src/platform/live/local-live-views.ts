import type { Logger } from 'pino';
import type { LiveMessage, LiveViews } from './live-views.ts';

/** The views that are open in this process. A listener that throws is logged and the others still hear. */
export function createLocalLiveViews(log: Logger): LiveViews {
  const listeners = new Set<(message: LiveMessage) => void>();
  return {
    tell(message) {
      for (const listener of [...listeners]) {
        try {
          listener(message);
        } catch (error) {
          log.error({ err: error, event: message.event.type }, 'a listener of live views failed');
        }
      }
    },
    listen(listener) {
      // A wrapper of its own for each call, so that subscribing the same function twice counts twice.
      const own = (message: LiveMessage): void => listener(message);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
  };
}
