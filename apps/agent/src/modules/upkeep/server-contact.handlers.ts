import { commandCatalogue } from '@holdfast/protocol';
import { type CommandHandler, defineHandler, OnRestart } from '../commands/index.ts';
import type { InventoryDelivery } from '../inventory/index.ts';
import type { LogDelivery } from '../logs/index.ts';
import { type AgentLoop, waitForLoop } from '../loop/index.ts';

/** A server that takes longer is away; the command goes on when it is back. */
const MAX_WAIT_MS = 60_000;

export interface ServerContactOptions {
  readonly getLoop: () => AgentLoop;
  readonly inventory: Pick<InventoryDelivery, 'sendIfChanged'>;
  readonly logDelivery: Pick<LogDelivery, 'sendAll'>;
}

/** Obey `synchronise-now`, `upload-logs` and `handshake-again`: they only bring forward what happens anyway. */
export function createServerContactHandlers(options: ServerContactOptions): readonly CommandHandler[] {
  const { getLoop, inventory, logDelivery } = options;
  const sendAllLogs = async (signal: AbortSignal): Promise<number> =>
    await logDelivery.sendAll(async () => await finishErrand(getLoop(), 'logs', signal));
  return [
    defineHandler({
      definition: commandCatalogue.synchroniseNow,
      onRestart: OnRestart.repeat,
      run: async ({ signal }) => {
        const loop = getLoop();
        await beat(loop, signal);
        await finishErrand(loop, 'claim', signal);
        const facts = await inventory.sendIfChanged();
        const entryCount = await sendAllLogs(signal);
        return {
          detail: `Heartbeat sent, commands fetched, inventory ${facts}, log entries sent: ${entryCount}.`,
          result: { inventory: facts, logEntries: entryCount },
        };
      },
    }),
    defineHandler({
      definition: commandCatalogue.uploadLogs,
      onRestart: OnRestart.repeat,
      run: async ({ signal }) => {
        const entryCount = await sendAllLogs(signal);
        return { detail: `Log entries sent: ${entryCount}.`, result: { logEntries: entryCount } };
      },
    }),
    defineHandler({
      definition: commandCatalogue.handshakeAgain,
      onRestart: OnRestart.repeat,
      run: async ({ signal }) => {
        const loop = getLoop();
        await shakeHands(loop, signal);
        const { transport } = loop.state;
        return {
          detail: `The handshake was made anew. Heartbeats travel by ${transport}.`,
          result: { transport },
        };
      },
    }),
  ];
}

/** Waits until the errand has been done once more and nothing is left of it. */
async function finishErrand(loop: AgentLoop, errand: string, signal: AbortSignal): Promise<void> {
  await waitForLoop(loop, {
    start: () => loop.want(errand),
    judge: (event, after) => {
      if (event.type === 'errand-failed' && event.errand === errand) return false;
      const isEnd = event.type === 'errand-finished' && event.errand === errand;
      return isEnd && after.errands[errand]?.state === 'idle' ? true : undefined;
    },
    limitMs: MAX_WAIT_MS,
    signal,
  });
}

async function beat(loop: AgentLoop, signal: AbortSignal): Promise<void> {
  await waitForLoop(loop, {
    start: () => loop.beat(),
    judge: ({ type }) => {
      if (type === 'heartbeat-failed') return false;
      return type === 'heartbeat-acknowledged' || type === 'heartbeat-sent' ? true : undefined;
    },
    limitMs: MAX_WAIT_MS,
    signal,
  });
}

async function shakeHands(loop: AgentLoop, signal: AbortSignal): Promise<void> {
  const before = loop.state.handshakeNumber;
  await waitForLoop(loop, {
    start: () => loop.shakeHandsAgain(),
    judge: ({ type }, { handshakeNumber }) => {
      if (type === 'handshake-failed' || type === 'transport-failed') return false;
      return type === 'transport-chosen' && handshakeNumber > before ? true : undefined;
    },
    limitMs: MAX_WAIT_MS,
    signal,
  });
}
