import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import {
  CertificateError,
  type CertifiedKey,
  isRenewalDue,
  issueServerCertificate,
  readCertificateFacts,
  verifySuppliedCertificate,
} from '@holdfast/trust/certificates';
import type { Clock } from '@holdfast/kernel';
import { writePrivateFile } from '../home/private-file.ts';
import { exportPrivateKey, type KeyStoreOptions, readKeyFile } from './key-file.ts';

/** What the HTTPS server presents, and whom agents must trust for it. */
export interface ServerCertificate {
  /** PEM: the server's certificate, then the intermediates. */
  readonly chain: string;
  readonly privateKey: string;
  /** PEM. */
  readonly authority: string;
  readonly expiresAtMs: number;
  readonly fingerprint: string;
  /** Host names and addresses it is good for. */
  readonly names: readonly string[];
}

export interface OwnCertificateOptions extends KeyStoreOptions {
  readonly clock: Clock;
  readonly authority: CertifiedKey;
  /** Host names and addresses that it must be good for. */
  readonly names: readonly string[];
}

/**
 * The certificate of our own authority: the stored one while it is good, else a new one. It is renewed after two thirds of
 * its life, and when a name is missing.
 */
export async function openOwnCertificate(options: OwnCertificateOptions): Promise<ServerCertificate> {
  const stored = await readStored(options);
  if (stored !== undefined) return stored;
  const issued = await issueServerCertificate({
    authority: options.authority,
    names: options.names,
    nowMs: options.clock.now(),
  });
  const privateKey = exportPrivateKey(issued.privateKey);
  // The key first: a certificate without its key is renewed at the next start, and so is one with another key.
  await writePrivateFile(path.join(options.folder, 'server.key'), privateKey);
  await writePrivateFile(path.join(options.folder, 'server.crt'), issued.certificate);
  const facts = readCertificateFacts(issued.certificate);
  options.log.info(
    { names: facts.names, expiresAt: new Date(facts.notAfterMs).toISOString() },
    'a server certificate was issued',
  );
  return toServerCertificate(issued.certificate, privateKey, options.authority.certificate);
}

async function readStored(options: OwnCertificateOptions): Promise<ServerCertificate | undefined> {
  const chain = await readKeyFile(options, 'server.crt');
  const privateKey = await readKeyFile(options, 'server.key');
  if (chain === undefined || privateKey === undefined) return undefined;
  try {
    verifySuppliedCertificate({
      certificate: chain,
      privateKey,
      authority: options.authority.certificate,
      names: options.names,
      nowMs: options.clock.now(),
    });
  } catch (error) {
    if (error instanceof CertificateError) {
      options.log.info({ reason: error.code }, 'the server certificate is replaced');
      return undefined;
    }
    throw error;
  }
  const facts = readCertificateFacts(chain);
  if (isRenewalDue(facts, options.clock.now())) return undefined;
  return toServerCertificate(chain, privateKey, options.authority.certificate);
}

function toServerCertificate(chain: string, privateKey: string, authority: string): ServerCertificate {
  const facts = readCertificateFacts(chain);
  const { notAfterMs: expiresAtMs, fingerprint, names } = facts;
  return { chain, privateKey, authority, expiresAtMs, fingerprint, names };
}

export interface SuppliedFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly authorityFile: string;
}

/**
 * The certificate of the organisation, checked.
 *
 * @throws CertificateError with any of its codes
 */
export async function readSuppliedCertificate(
  files: SuppliedFiles,
  names: readonly string[],
  nowMs: number,
): Promise<ServerCertificate> {
  const verified = verifySuppliedCertificate({
    certificate: await readPem(files.certificateFile, 'HOLDFAST_TLS_CERTIFICATE', 'CERTIFICATE_UNREADABLE'),
    privateKey: await readPem(files.keyFile, 'HOLDFAST_TLS_KEY', 'CERTIFICATE_KEY_UNREADABLE'),
    authority: await readPem(files.authorityFile, 'HOLDFAST_TLS_AUTHORITY', 'AUTHORITY_UNREADABLE'),
    names,
    nowMs,
  });
  return {
    chain: verified.chain,
    privateKey: exportPrivateKey(verified.privateKey),
    authority: verified.authority,
    expiresAtMs: verified.facts.notAfterMs,
    fingerprint: verified.facts.fingerprint,
    names: verified.facts.names,
  };
}

async function readPem(
  file: string,
  variable: string,
  code: 'CERTIFICATE_UNREADABLE' | 'CERTIFICATE_KEY_UNREADABLE' | 'AUTHORITY_UNREADABLE',
): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CertificateError(code, `The file "${file}" that ${variable} names cannot be read.`, {
      cause,
      facts: { file, variable },
      remedy: 'Check the path, and that the user of the server may read the file.',
    });
  }
}

/** Names that the server is reached by: its public ones first, then those of this computer. */
export function listCertificateNames(publicAddresses: readonly string[], maxNames = 50): readonly string[] {
  const publicNames = publicAddresses.map((address) => new URL(address).hostname.replace(/^\[|\]$/g, ''));
  const ownAddresses = Object.values(os.networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    // A link-local address means something else on every link.
    .filter(({ address, internal }) => !internal && !/^(fe80:|169\.254\.)/i.test(address))
    .map(({ address }) => address)
    .sort();
  const names = [
    ...publicNames,
    os.hostname().toLowerCase(),
    'localhost',
    '127.0.0.1',
    '::1',
    ...ownAddresses,
  ];
  return [...new Set(names)].filter(isCertifiable).slice(0, maxNames);
}

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?$/;

// A host name with characters that no certificate can hold is reached by its address.
function isCertifiable(name: string): boolean {
  return isIP(name) !== 0 || (name.length <= 253 && name.split('.').every((label) => LABEL.test(label)));
}
