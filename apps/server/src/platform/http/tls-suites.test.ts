import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { createCertificateAuthority, issueServerCertificate } from '@holdfast/trust/certificates';
import { pino } from 'pino';
import { createTestClock } from '../clock/test-clock.ts';
import { createHttpServer } from './http-server.ts';

const nowMs = Date.parse('2026-11-22T08:00:00Z');

test('TLS 1.2 is spoken with authenticated encryption only', async (t) => {
  const authority = await createCertificateAuthority(nowMs);
  const issued = await issueServerCertificate({ authority, names: ['127.0.0.1'], nowMs });
  const http = await createHttpServer({
    clock: createTestClock(),
    log: pino({ level: 'silent' }),
    createId: randomUUID,
    tls: {
      key: issued.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      cert: issued.certificate,
    },
  });
  await http.app.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => http.app.close());
  const { port } = http.app.server.address() as AddressInfo;
  const suiteOf = async (ciphers: string): Promise<string> =>
    await new Promise((resolve) => {
      const socket = connect(
        { port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.2', ciphers },
        () => {
          resolve(socket.getCipher().name);
          socket.destroy();
        },
      );
      socket.once('error', () => resolve('refused'));
    });
  assert.match(await suiteOf('DEFAULT'), /GCM|CHACHA20/);
  for (const suite of ['ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES256-SHA384', 'ECDHE-ECDSA-AES128-SHA256']) {
    assert.equal(await suiteOf(suite), 'refused', suite);
  }
});
