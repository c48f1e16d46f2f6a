import { createHash, X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import { CliError } from '../cli.errors.ts';

const maxAuthorityBytes = 64 * 1024;

/**
 * Asks a server for its certificate authority over a connection that is not trusted yet. What comes back means
 * nothing until its fingerprint was compared with one that came another way.
 *
 * @throws CliError `SERVER_NOT_REACHABLE`
 */
export async function fetchUnverifiedAuthority(
  server: string,
): Promise<{ certificate: string; fingerprint: string }> {
  const text = await new Promise<string>((resolve, reject) => {
    // The certificate is what is being fetched, so it cannot be checked here; the fingerprint decides afterwards.
    const outgoing = request(
      new URL('/mcp/v1/authority', server),
      { rejectUnauthorized: false, timeout: 10_000 },
      (answer) => {
        let body = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          body += chunk;
          if (body.length > maxAuthorityBytes) outgoing.destroy(new Error('The answer is too large.'));
        });
        answer.on('end', () =>
          answer.statusCode === 200 ? resolve(body) : reject(new Error(`Status ${answer.statusCode}.`)),
        );
        answer.on('error', reject);
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('No answer in time.')));
    outgoing.on('error', reject);
    outgoing.end();
  }).catch((cause: unknown) => {
    throw new CliError('SERVER_NOT_REACHABLE', `No Holdfast server answers at ${server}.`, {
      cause,
      retry: 'safe',
      remedy: 'Check the address and port, and that the server runs.',
    });
  });
  try {
    const { certificate } = JSON.parse(text) as { certificate: string };
    return { certificate, fingerprint: fingerprintOf(certificate) };
  } catch (cause) {
    throw new CliError('SERVER_NOT_REACHABLE', `What answers at ${server} is not a Holdfast server.`, {
      cause,
    });
  }
}

/** SHA-256 of a certificate's DER, base64url: the same value that enrolment tokens carry. */
export function fingerprintOf(certificatePem: string): string {
  return createHash('sha256').update(new X509Certificate(certificatePem).raw).digest('base64url');
}
