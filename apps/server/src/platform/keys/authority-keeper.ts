import { createPrivateKey, sign } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { formatSuccession, limits, type Succession } from '@holdfast/protocol';
import {
  calculateFingerprint,
  type CertifiedKey,
  createCertificateAuthority,
  readCertificateFacts,
} from '@holdfast/trust/certificates';
import { writePrivateFile } from '../home/private-file.ts';
import { KeysError } from './keys.errors.ts';
import { exportPrivateKey, type KeyStoreOptions, readKeyFile } from './key-file.ts';

/** An authority that products trust, and its time. */
export interface TrustedAuthority {
  /** PEM. */
  readonly certificate: string;
  /** base64url SHA-256 of its DER. */
  readonly fingerprint: string;
  readonly beginsAtMs: number;
  readonly endsAtMs: number;
}

/**
 * The authority of this server, the one that will follow it, and those that it followed. A next one is made while the present one is
 * valid, products learn it, and then it takes its place; whoever was away meanwhile is shown the former one's signature.
 */
export interface AuthorityKeeper {
  /** True for an authority of our own, which we can renew. */
  readonly isOwn: boolean;
  readonly current: TrustedAuthority;
  readonly next: TrustedAuthority | undefined;
  /** How the present one came to be, the oldest step first. */
  readonly successions: readonly Succession[];
  /** Everything that a product is to trust at this time, the present one first. */
  listTrusted(nowMs: number): readonly TrustedAuthority[];
  /** Reads the next one again: another program may have made it. */
  reload(): Promise<void>;
  /** Makes the next one, unless there is one. @throws KeysError AUTHORITY_SUPPLIED */
  prepareNext(nowMs: number): Promise<TrustedAuthority>;
  /** The next one takes the place of the present one. @throws KeysError AUTHORITY_SUPPLIED, AUTHORITY_NEXT_MISSING */
  switchToNext(): Promise<TrustedAuthority>;
}

/** An authority of our own, with its key. */
export interface OwnAuthorityKeeper extends AuthorityKeeper {
  /** Signs certificates. */
  readonly signer: CertifiedKey;
  /** Called when another one has taken over, before anybody is told; a throw of it is the switch's. */
  onSwitch(listener: () => Promise<void>): void;
}

/** What is trusted at one time fits into a product's list: the present one, the next one, and so many former ones. */
const MAX_FORMER = limits.maxAuthorities - 2;

export function describeAuthority(certificate: string): TrustedAuthority {
  const { notBeforeMs, notAfterMs } = readCertificateFacts(certificate);
  return {
    certificate,
    fingerprint: calculateFingerprint(certificate),
    beginsAtMs: notBeforeMs,
    endsAtMs: notAfterMs,
  };
}

/** The authority of the organisation, whose key is not ours. */
export function createSuppliedAuthority(readCertificate: () => string): AuthorityKeeper {
  const refuse = async (): Promise<never> => {
    throw new KeysError(
      'AUTHORITY_SUPPLIED',
      'The authority of this server is one of the organisation (HOLDFAST_TLS_AUTHORITY); Holdfast cannot renew it.',
      { remedy: 'Have whoever runs that authority renew it, and read docs/certificates.md before its end.' },
    );
  };
  return {
    isOwn: false,
    get current() {
      return describeAuthority(readCertificate());
    },
    next: undefined,
    successions: [],
    listTrusted: () => [describeAuthority(readCertificate())],
    reload: async () => {},
    prepareNext: refuse,
    switchToNext: refuse,
  };
}

/**
 * @param signer the present authority, as `openKeys` read it
 * @throws HomeError KEYS_DAMAGED
 */
export async function openOwnAuthority(
  options: KeyStoreOptions,
  present: CertifiedKey,
): Promise<OwnAuthorityKeeper> {
  const { folder, log } = options;
  const write = async (name: string, content: string): Promise<void> =>
    await writePrivateFile(path.join(folder, name), content);
  let signer = present;
  let current = describeAuthority(signer.certificate);
  let successions = await readSuccessions(options);
  let next: CertifiedKey | undefined;
  const listeners: (() => Promise<void>)[] = [];

  const reload = async (): Promise<void> => {
    const certificate = await readKeyFile(options, 'next-ca.crt');
    const key = await readKeyFile(options, 'next-ca.key');
    next =
      certificate === undefined || key === undefined
        ? undefined
        : { certificate, privateKey: createPrivateKey(key) };
  };
  await reload();

  const describeNext = (): TrustedAuthority | undefined =>
    next === undefined ? undefined : describeAuthority(next.certificate);

  return {
    isOwn: true,
    get signer() {
      return signer;
    },
    get current() {
      return current;
    },
    get next() {
      return describeNext();
    },
    get successions() {
      return successions;
    },
    listTrusted(nowMs) {
      const following = describeNext();
      const former = successions
        .map(({ certificate }) => describeAuthority(certificate))
        .filter(({ endsAtMs }) => nowMs < endsAtMs)
        .slice(-MAX_FORMER)
        .toReversed();
      return [current, ...(following === undefined ? [] : [following]), ...former];
    },
    reload,
    onSwitch: (listener) => void listeners.push(listener),
    async prepareNext(nowMs) {
      const known = describeNext();
      if (known !== undefined) return known;
      const made = await createCertificateAuthority(nowMs);
      // The certificate last: without it nothing knows of the key.
      await write('next-ca.key', exportPrivateKey(made.privateKey));
      await write('next-ca.crt', made.certificate);
      next = made;
      const following = describeAuthority(made.certificate);
      log.info({ fingerprint: following.fingerprint }, 'the next authority of this server was made');
      return following;
    },
    async switchToNext() {
      const following = next;
      if (following === undefined) {
        throw new KeysError('AUTHORITY_NEXT_MISSING', 'There is no next authority yet.', {
          remedy: 'Make it first: holdfast authority renew',
        });
      }
      const successor = describeAuthority(following.certificate);
      const step = { certificate: signer.certificate, signature: endorse(signer, successor.fingerprint) };
      // In this order a kill in between leaves what the next start finishes: see `finishSwitch`.
      const steps = [...successions, step].slice(-limits.maxSuccessions);
      await write('successions.json', `${JSON.stringify(steps)}\n`);
      await write('ca.key', exportPrivateKey(following.privateKey));
      await finishSwitch(options, following.certificate);
      successions = steps;
      signer = following;
      current = successor;
      next = undefined;
      for (const listener of listeners) await listener();
      log.info({ fingerprint: successor.fingerprint }, 'the next authority of this server has taken over');
      return successor;
    },
  };
}

/** The key of the next authority is in its place: its certificate follows, and what it was kept as goes. */
export async function finishSwitch({ folder }: KeyStoreOptions, certificate: string): Promise<void> {
  await writePrivateFile(path.join(folder, 'ca.crt'), certificate);
  for (const name of ['next-ca.crt', 'next-ca.key']) await rm(path.join(folder, name), { force: true });
}

function endorse({ privateKey }: CertifiedKey, fingerprint: string): string {
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
  return sign('sha256', Buffer.from(formatSuccession(fingerprint), 'utf8'), key).toString('base64url');
}

/** Without it nobody is locked out who was here at the switch, so what cannot be read is told and left out. */
async function readSuccessions(options: KeyStoreOptions): Promise<readonly Succession[]> {
  const text = await readKeyFile(options, 'successions.json');
  if (text === undefined) return [];
  try {
    const steps = JSON.parse(text) as Succession[];
    for (const { certificate, signature } of steps) {
      describeAuthority(certificate);
      if (typeof signature !== 'string') throw new TypeError('"signature" expected text');
    }
    return steps.slice(-limits.maxSuccessions);
  } catch (error) {
    options.log.error({ err: error, file: 'successions.json' }, 'a key file cannot be read and is left out');
    return [];
  }
}
