import { CommunicationMode } from '@holdfast/protocol';
import type { LogWriter } from './log-writer.ts';

/** How agent and server communicate, as a handshake settled it. */
export interface Agreement {
  readonly server: string;
  readonly mode: CommunicationMode;
  readonly transport: string;
  /** Why this transport. */
  readonly reason: string;
}

export interface AgreementWatch {
  note(agreement: Agreement): void;
  /** The server asked for a port, and the agent did not open it. */
  noteRefusedPort(port: number, refusal: string): void;
}

/** There is a handshake at least every hour; it is reported only when its result is a new one. */
export function createAgreementWatch(events: LogWriter): AgreementWatch {
  let last: Agreement | undefined;
  let lastRefusal = '';
  return {
    note: (agreement) => {
      const { server, mode, transport } = agreement;
      const isKnown = last?.server === server && last.mode === mode && last.transport === transport;
      events.record('handshake-made', { ...agreement }, { severity: isKnown ? 'debug' : 'info' });
      const isListening = mode === CommunicationMode.direct;
      if (isListening && last?.mode !== mode) events.record('listener-opened', { server });
      if (isListening) lastRefusal = '';
      last = agreement;
    },
    noteRefusedPort: (port, refusal) => {
      const next = `${port} ${refusal}`;
      if (next === lastRefusal) return;
      lastRefusal = next;
      events.record('listener-refused', { port, refusal });
    },
  };
}
