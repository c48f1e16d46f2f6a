import { createCertificateAuthority, issueServerCertificate } from '@holdfast/trust/certificates';

/** A certificate of the kind that the server makes for itself. */
export async function createBenchCertificate(): Promise<{ cert: string; key: string }> {
  const nowMs = Date.now();
  const authority = await createCertificateAuthority(nowMs);
  const issued = await issueServerCertificate({ authority, names: ['localhost'], nowMs });
  return {
    cert: issued.certificate,
    key: issued.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
