import type { KeyObject } from 'node:crypto';
import path from 'node:path';
import type { Logger } from 'pino';
import { readPrivateFile } from '../home/private-file.ts';

export interface KeyStoreOptions {
  /** HOLDFAST_HOME/keys. */
  readonly folder: string;
  readonly log: Logger;
}

/** One file of the keys folder; a mode that lets others read is mended and told. */
export async function readKeyFile(options: KeyStoreOptions, name: string): Promise<string | undefined> {
  return await readPrivateFile(path.join(options.folder, name), (mode) => {
    options.log.warn(
      { file: name, mode: mode.toString(8) },
      'a key file was open to other users and is closed now; think of who may have read it',
    );
  });
}

export function exportPrivateKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
