import { systemClock } from '@holdfast/kernel';
import {
  capabilityVersion,
  type Command,
  commandDefinitions,
  createMcpClient,
  fetchAuthority,
  type McpState,
  parseEnrolmentToken,
  type Progress,
  ReportedState,
} from '@holdfast/protocol';
import { createAssertionSigner, createProductKey } from '@holdfast/trust';
import { until } from './until.ts';

/** A product that does what the test says, over the real protocol: obeys, tells how far it is, and ends when it is asked to. */
export interface PlayedProduct {
  /** The next command that it has not taken yet. */
  takeCommand(): Promise<Command>;
  tell(commandId: string, progress: Progress): Promise<void>;
  untilAskedToEnd(commandId: string): Promise<void>;
  end(
    commandId: string,
    state: Exclude<ReportedState, 'accepted' | 'running'>,
    detail?: string,
  ): Promise<void>;
  close(): void;
}

/** @param options.version what it understands of the protocol; the newest unless told */
export async function playProduct(
  tokenString: string,
  name: string,
  options: { readonly version?: number } = {},
): Promise<PlayedProduct> {
  const token = parseEnrolmentToken(tokenString);
  const authority = await fetchAuthority(token);
  let state: McpState | undefined;
  const client = createMcpClient({
    addresses: token.addresses,
    authority,
    signer: createAssertionSigner(createProductKey()),
    store: {
      load: () => Promise.resolve(state),
      save: async (next) => {
        state = next;
      },
    },
    clock: systemClock,
  });
  const facts = {
    product: { kind: 'endpoint-agent', name: 'Played product', version: '0.1.0' },
    device: { name, platform: 'linux', architecture: 'x64' },
    capabilities: {
      capabilityVersion: options.version ?? capabilityVersion,
      udp: false,
      commands: commandDefinitions.map(({ type }) => type),
    },
  };
  const registered = await client.register(token, facts);
  if (registered.state !== 'registered') throw new Error(`${name} is ${registered.state}`);
  await client.handshake(facts);
  const report = async (
    commandId: string,
    state: ReportedState,
    more: { readonly progress?: Progress; readonly detail?: string } = {},
  ): Promise<void> => {
    await client.sendReports([{ commandId, state, at: systemClock.now(), ...more }]);
  };
  return {
    takeCommand: async () => {
      const command = await until(
        `a command for ${name}`,
        async () => (await client.claimCommands()).commands[0],
        60_000,
        undefined,
        300,
      );
      await report(command.id, ReportedState.accepted);
      return command;
    },
    tell: (commandId, progress) => report(commandId, ReportedState.running, { progress }),
    untilAskedToEnd: async (commandId) => {
      await until(
        `${name} is asked to end ${commandId}`,
        async () => (await client.claimCommands()).cancel.includes(commandId) || undefined,
        60_000,
        undefined,
        300,
      );
    },
    end: (commandId, state, detail) => report(commandId, state, detail === undefined ? {} : { detail }),
    close: () => client.close(),
  };
}
