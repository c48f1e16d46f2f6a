import { limits, parseServerAddress, proveServer } from '@holdfast/protocol';
import {
  createRegistrationStore,
  type Registration,
  RegistrationError,
} from '../modules/registration/index.ts';
import { openStateDatabaseOfOther, type StateDatabase } from '../platform/state-database.ts';
import { stateVersion } from '../state-version.ts';
import { chooseAgentFolder } from './agent-folder.ts';
import type { AgentCommand } from './arguments.ts';
import type { CommandContext } from './command-context.ts';
import { UsageError } from './command-line.errors.ts';
import { formatJson } from './output.ts';

type AddressesCommand = AgentCommand & { readonly name: 'addresses' };

/**
 * `addresses`: where the agent looks for its server. With `--server` the server is looked for there first, from now on; an agent
 * that runs notices it within seconds. Which server it is goes on being decided by the authority that was pinned at enrolment.
 */
export async function runAddresses(command: AddressesCommand, context: CommandContext): Promise<void> {
  const { output } = context;
  const { folder, isInUse, note } = chooseAgentFolder(context.config);
  const database = isInUse ? openStateDatabaseOfOther(folder.databasePath, stateVersion) : undefined;
  try {
    const { addresses } = await changeAddresses(command, database);
    output.data(command.isJson ? formatJson({ addresses }) : addresses.map((one) => `${one}\n`).join(''));
  } finally {
    database?.close();
  }
  if (note !== undefined) output.message(note);
}

async function changeAddresses(
  { servers, isForced }: AddressesCommand,
  database: StateDatabase | undefined,
): Promise<Pick<Registration, 'addresses'>> {
  const store = database && createRegistrationStore(database);
  const registration = store?.find();
  if (database === undefined || store === undefined || registration === undefined) {
    throw new RegistrationError('NOT_ENROLLED', 'This computer does not belong to a server yet.', {
      remedy: 'Create an enrolment token in the console and run `holdfast agent enroll` with it.',
    });
  }
  if (servers.length === 0) return registration;
  const wanted = servers.map((text) => {
    const address = parseServerAddress(text);
    if (address === undefined) throw new UsageError('A server address looks like https://host:8443.');
    return address;
  });
  if (!isForced) {
    const { fingerprint, authorityCertificate: certificate } = registration;
    for (const address of wanted) await proveServer({ address, authority: { certificate, fingerprint } });
  }
  const addresses = [...new Set([...wanted, ...registration.addresses])].slice(0, limits.maxServerAddresses);
  database.transaction(() => store.saveAddresses(addresses));
  return { addresses };
}
