import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  agentDownloadPath,
  type AgentInstallation,
  agentPlatforms,
  chooseServerAddress,
  formatInstallLine,
  formatOfflineInstallLine,
  getAgentInstallation,
  installScriptName,
  isArchiveFileName,
  maxInstallScriptBytes,
} from '@holdfast/api';
import type { Command } from 'commander';
import { CliError } from '../cli.errors.ts';
import type { AddAction, CommandTools } from '../command-tools.ts';
import { streamAnswer } from '../connection/https-transport.ts';
import { saveFile } from '../connection/saved-file.ts';
import { readChoice, readServerAddress } from './arguments.ts';

/** Of an enrolment token, as the protocol bounds it. */
const MAX_TOKEN_CHARACTERS = 2_048;
const SHA256 = /^[0-9a-f]{64}$/u;
const MAX_INPUT_CHARACTERS = 2 * MAX_TOKEN_CHARACTERS;

/** `tokens line` and `tokens download`: how an agent gets onto a computer that has nothing of Holdfast. */
export function addInstallationCommands(tokens: Command, addAction: AddAction): void {
  addAction(
    tokens
      .command('line')
      .description(
        'print the line that installs the agent on a device; the token is read from standard input',
      )
      .option('--address <address>', 'address of the server in the line; without it the one in use')
      .option('--ask', 'leave the token out: the script asks for it on the device')
      .addHelpText('after', '\nExample:\n  holdfast tokens line < token.txt\n'),
    printLine,
  );
  addAction(
    tokens
      .command('download')
      .description('save script and archive, which install the agent on a computer without a network')
      .argument('<folder>', 'where the two files are put')
      .option('--platform <system>', `one of ${agentPlatforms.join(', ')}`, 'linux-x64'),
    download,
  );
}

async function printLine(tools: CommandTools, options: Record<string, unknown>): Promise<void> {
  const wanted = readServerAddress(options);
  const tokenString = options['ask'] === true ? undefined : await readToken(tools.context.stdin);
  const { client, connection } = await tools.connection();
  const { addresses, script } = await client.call(getAgentInstallation, {});
  const address = wanted ?? chooseServerAddress(addresses, connection.server);
  const installLine = formatInstallLine({ address, scriptSha256: script.sha256, tokenString });
  tools.printer.result({ installLine, address }, () => `${installLine}\n`);
}

async function readToken(input: AsyncIterable<Buffer | string>): Promise<string> {
  let text = '';
  for await (const chunk of input) {
    text += chunk.toString();
    if (text.length > MAX_INPUT_CHARACTERS || text.trimStart().includes('\n')) break;
  }
  const [line = ''] = text.trim().split('\n');
  const token = line.trim();
  if (token.length <= MAX_TOKEN_CHARACTERS && /^hf\d+\.[A-Za-z0-9_.-]+$/u.test(token)) return token;
  throw new CliError('ARGUMENT_INVALID', 'Standard input holds no enrolment token.', {
    remedy: 'Pipe the token in, or use --ask to have the script ask for it on the device.',
  });
}

async function download(
  tools: CommandTools,
  options: Record<string, unknown>,
  [folder = '']: readonly string[],
): Promise<void> {
  const platform = readChoice(options, 'platform', agentPlatforms) ?? 'linux-x64';
  const { client, connection } = await tools.connection();
  const installation = await client.call(getAgentInstallation, {});
  const archive = requireArchive(installation, platform);
  await mkdir(folder, { recursive: true });
  const { server, authorityCertificate, apiKey } = connection;
  for (const { name, sha256, maxBytes } of [
    { name: archive.fileName, sha256: archive.sha256, maxBytes: archive.sizeBytes },
    { name: installScriptName, sha256: installation.script.sha256, maxBytes: maxInstallScriptBytes },
  ])
    await saveFile({ target: join(folder, name), sha256, maxBytes }, async (write) =>
      streamAnswer(server, authorityCertificate, apiKey, `${agentDownloadPath}/${name}`, write),
    );
  const line = formatOfflineInstallLine({
    archiveFileName: archive.fileName,
    scriptSha256: installation.script.sha256,
  });
  const files = [archive.fileName, installScriptName].map((name) => join(folder, name));
  tools.printer.note(
    'Bring both files to the device, and type this in their folder; it asks for an enrolment token:',
  );
  tools.printer.result({ files, installLine: line }, () => `${line}\n`);
}

function requireArchive(
  { platforms, script }: AgentInstallation,
  platform: string,
): NonNullable<AgentInstallation['platforms'][number]['archive']> {
  const archive = platforms.find((one) => one.platform === platform)?.archive;
  if (archive) {
    // What the server says becomes the name of a file here, and part of a line that people paste.
    const isPlain =
      isArchiveFileName(archive.fileName) && SHA256.test(archive.sha256) && SHA256.test(script.sha256);
    if (isPlain) return archive;
    throw new CliError('DOWNLOAD_DAMAGED', 'The server names a file or a checksum as none can be.', {
      remedy: 'Check that this command line has the version of the server.',
    });
  }
  throw new CliError('AGENT_NOT_SERVED', `The server has no agent for ${platform}.`, {
    remedy: 'docs/install-agents.md says how a runtime for another system is brought to the server.',
  });
}
