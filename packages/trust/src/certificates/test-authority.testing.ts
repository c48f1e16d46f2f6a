import 'reflect-metadata';
import { createPrivateKey, createPublicKey, type KeyObject, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { CertifiedKey } from './certificate-authority.ts';

const DAY_MS = 86_400_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/**
 * A root (60 days), an intermediate (30 days) and a certificate for `leaf.example`. With `leafKey`, the root signs the leaf
 * directly and there is no use for the intermediate.
 */
export async function issueChain(
  nowMs: number,
  leafKey?: KeyObject,
): Promise<{
  readonly root: CertifiedKey;
  readonly intermediate: CertifiedKey;
  readonly leaf: CertifiedKey;
}> {
  const [rootKeys, middleKeys, leafKeys] = await Promise.all([createKeys(), createKeys(), createKeys()]);
  const common = { notBefore: new Date(nowMs - DAY_MS), signingAlgorithm: ALGORITHM };
  const ca = [new BasicConstraintsExtension(true, undefined, true)];
  const root = await X509CertificateGenerator.createSelfSigned(
    {
      ...common,
      name: 'CN=Test root',
      keys: rootKeys,
      extensions: ca,
      notAfter: new Date(nowMs + 60 * DAY_MS),
    },
    webcrypto,
  );
  const middle = await X509CertificateGenerator.create(
    {
      ...common,
      subject: 'CN=Test intermediate',
      issuer: root.subjectName,
      publicKey: middleKeys.publicKey,
      signingKey: rootKeys.privateKey,
      extensions: ca,
      notAfter: new Date(nowMs + 30 * DAY_MS),
    },
    webcrypto,
  );
  const leaf = await X509CertificateGenerator.create(
    {
      ...common,
      subject: 'CN=leaf.example',
      issuer: leafKey === undefined ? middle.subjectName : root.subjectName,
      publicKey:
        leafKey === undefined
          ? leafKeys.publicKey
          : createPublicKey(leafKey).export({ type: 'spki', format: 'der' }),
      signingKey: leafKey === undefined ? middleKeys.privateKey : rootKeys.privateKey,
      extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: 'leaf.example' }])],
      notAfter: new Date(nowMs + 50 * DAY_MS),
    },
    webcrypto,
  );
  return {
    root: { certificate: root.toString('pem'), privateKey: await exportKey(rootKeys.privateKey) },
    intermediate: {
      certificate: `${middle.toString('pem')}\n`,
      privateKey: await exportKey(middleKeys.privateKey),
    },
    leaf: {
      certificate: `${leaf.toString('pem')}\n`,
      privateKey: leafKey ?? (await exportKey(leafKeys.privateKey)),
    },
  };
}

async function createKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<KeyObject> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key);
  return createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
}
