import { toTerminalText } from '@holdfast/kernel';
import type { CliContext } from '../context.ts';

const barWidth = 24;
const DEFAULT_COLUMNS = 80;

export interface Progress {
  update(done: number, total: number, text: string): void;
  end(): void;
}

/** A bar on stderr while something long runs; nothing where stderr is not a terminal. */
export function createProgress(context: CliContext): Progress {
  let isShown = false;
  return {
    update(done, total, text) {
      if (context.stderr.isTTY !== true) return;
      const share = total === 0 ? 0 : Math.min(1, done / total);
      const filled = Math.round(share * barWidth);
      // A line that wraps could not be written over; and of what a device says nothing steers the terminal.
      const room = Math.max(0, (context.stderr.columns ?? DEFAULT_COLUMNS) - barWidth - 4);
      const shown = toTerminalText(text).slice(0, room);
      context.stderr.write(`\r\u001b[K[${'█'.repeat(filled)}${'·'.repeat(barWidth - filled)}] ${shown}`);
      isShown = true;
    },
    end() {
      if (isShown) context.stderr.write('\r\u001b[K');
      isShown = false;
    },
  };
}
