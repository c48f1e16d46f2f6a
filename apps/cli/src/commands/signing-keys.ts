import { createPublicKey, randomBytes } from 'node:crypto';
import { link, open, readFile, rm, stat } from 'node:fs/promises';
import { ComponentError } from '@holdfast/components';
import {
  formatSigningKey,
  generateSigningKey,
  parsePublicPem,
  parseSigningKey,
  type RoleSetting,
  type SigningKey,
  toSigningKey,
} from '@holdfast/components/repository';
import type { Command } from 'commander';
import { CliError } from '../cli.errors.ts';
import type { CommandTools } from '../command-tools.ts';
import { readSecret } from '../output/prompt.ts';
import { collect, readText, readTexts } from './arguments.ts';

/** No key and no passphrase is longer; a file that is, is another one. */
const MAX_FILE_BYTES = 16 * 1024;

/** `--key` and how its passphrase comes: from a file or the terminal, never as an argument, which others can read. */
export function withKeys(command: Command): Command {
  return command
    .option('--key <file>', 'a private key to sign with; may be repeated', collect)
    .option('--passphrase-file <file>', 'file whose first line opens the keys; without it you are asked');
}

/** The keys that `--key` names, opened. */
export async function readSigningKeys(
  { context }: Pick<CommandTools, 'context'>,
  options: Record<string, unknown>,
): Promise<SigningKey[]> {
  const passphrase = await readPassphraseFile(options);
  const keys: SigningKey[] = [];
  for (const file of readTexts(options, 'key')) {
    const pem = await readSmallFile(file);
    const isEncrypted = pem.includes('ENCRYPTED');
    const secret = isEncrypted ? (passphrase ?? (await readSecret(context, `Passphrase of ${file}: `))) : '';
    keys.push(nameFile(file, () => parseSigningKey(pem, secret)));
  }
  return keys;
}

/** `action`: creates a key pair; the private half for its owner alone, the public one beside it. */
export async function createKey(
  tools: CommandTools,
  options: Record<string, unknown>,
  [file = '']: readonly string[],
): Promise<void> {
  const { context, printer } = tools;
  const passphrase = (await readPassphraseFile(options)) ?? (await askTwice(context));
  const key = generateSigningKey();
  const pem = await formatSigningKey(key, passphrase);
  const publicPem = createPublicKey(key).export({ format: 'pem', type: 'spki' }).toString();
  await createFile(file, pem, 0o600);
  await createFile(`${file}.pub`, publicPem, 0o644);
  const { id } = toSigningKey(key);
  printer.result({ id, privateKey: file, publicKey: `${file}.pub` }, () => `${id}\n`);
}

/** A role's public keys, from files of `create-key`. */
export async function readRoleSetting(
  options: Record<string, unknown>,
  name: string,
  threshold: number,
): Promise<RoleSetting> {
  const files = readTexts(options, name);
  if (!(threshold >= 1 && threshold <= files.length)) {
    throw new CliError('ARGUMENT_INVALID', `Of ${files.length} keys, ${threshold} cannot be wanted.`, {
      remedy: `Name each public key with --${name}, and how many have to sign with its threshold.`,
    });
  }
  const keys = await Promise.all(
    files.map(async (file) => {
      const pem = await readSmallFile(file);
      return nameFile(file, () => parsePublicPem(pem));
    }),
  );
  return { keys, threshold };
}

function nameFile<Value>(file: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ComponentError)) throw error;
    throw new ComponentError(error.code, `${file}: ${error.message}`, { cause: error });
  }
}

async function readPassphraseFile(options: Record<string, unknown>): Promise<string | undefined> {
  const file = readText(options, 'passphraseFile');
  if (file === undefined) return undefined;
  const [line = ''] = (await readSmallFile(file)).split(/\r?\n/);
  return line;
}

async function askTwice(context: CommandTools['context']): Promise<string> {
  const passphrase = await readSecret(context, 'New passphrase: ');
  if (context.stdin.isTTY === true && (await readSecret(context, 'Once more: ')) !== passphrase)
    throw new CliError('ARGUMENT_INVALID', 'The two passphrases differ.');
  return passphrase;
}

async function readSmallFile(file: string): Promise<string> {
  try {
    if ((await stat(file)).size > MAX_FILE_BYTES)
      throw new CliError('ARGUMENT_INVALID', `${file} is too large to be that.`);
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError('ARGUMENT_INVALID', `${file} cannot be read.`, { cause: error });
  }
}

/** Whole or not at all, and never over a file that is there: a key that is overwritten is lost for good. */
async function createFile(file: string, content: string, mode: number): Promise<void> {
  const beside = `${file}.${randomBytes(6).toString('hex')}.new`;
  const handle = await open(beside, 'wx', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
    await link(beside, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new ComponentError('SIGNING_KEY_EXISTS', `${file} is there already.`, { cause: error });
  } finally {
    await handle.close();
    await rm(beside, { force: true });
  }
}
