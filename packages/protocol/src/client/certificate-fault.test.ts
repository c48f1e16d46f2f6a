import assert from 'node:assert/strict';
import { test } from 'node:test';
import { releasedAtMs } from '@holdfast/kernel';
import { explainCertificateFault, isOfUnknownIssuer } from './certificate-fault.ts';
import type { McpClientError } from './client.errors.ts';
import { describeFault } from './https-exchange.ts';

// Ten years from 2026-11-20 on, and ten years from 1979-12-30 on, as by a clock that began in 1980.
const AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIBtjCCAVugAwIBAgIQSEgbb/mFjVBH+XiXien8XjAKBggqhkjOPQQDAjA5MSQw
IgYDVQQDExtIb2xkZmFzdCBhdXRob3JpdHkgYTIyYWFhMjUxETAPBgNVBAoTCEhv
bGRmYXN0MB4XDTI2MTEyMDAwMDAwMFoXDTM2MTEyMTAwMDAwMFowOTEkMCIGA1UE
AxMbSG9sZGZhc3QgYXV0aG9yaXR5IGEyMmFhYTI1MREwDwYDVQQKEwhIb2xkZmFz
dDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDtKGld0c1Fp5eq3Y61qGdL/L/0X
PkZYJffR+RKbkqmb3wTWDNUN2ErZkOPYpyewAAPJbDCrb+4bXxQYqEW4/iSjRTBD
MBIGA1UdEwEB/wQIMAYBAf8CAQAwDgYDVR0PAQH/BAQDAgEGMB0GA1UdDgQWBBS/
eYW6XMYJft9Fy0ySZ9zLwlnUmTAKBggqhkjOPQQDAgNJADBGAiEAwRd66olS3Sp/
SJJJzUcdCsVyCRLqnVNhDWgOzwXfli4CIQD0nA+Jgf0mrabJGUWLDhpnrmX3N9vX
N1Y+O51m7ZoGMQ==
-----END CERTIFICATE-----`;
const ENDED_BEFORE_RELEASE = `-----BEGIN CERTIFICATE-----
MIIBtTCCAVugAwIBAgIQamgLd8GXoWtqt+7MZJxobTAKBggqhkjOPQQDAjA5MSQw
IgYDVQQDExtIb2xkZmFzdCBhdXRob3JpdHkgNzkzNDZjYTMxETAPBgNVBAoTCEhv
bGRmYXN0MB4XDTc5MTIzMDAwMDAwMFoXDTg5MTIzMTAwMDAwMFowOTEkMCIGA1UE
AxMbSG9sZGZhc3QgYXV0aG9yaXR5IDc5MzQ2Y2EzMREwDwYDVQQKEwhIb2xkZmFz
dDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFK8jMy3hioaEh8sD6JJ13QXz3CM
8ZT1XnU1aYgoW8n51tRQxIzFBiiiGtJL3rFFE1+3ccxGYD8VulEm/x7B2qqjRTBD
MBIGA1UdEwEB/wQIMAYBAf8CAQAwDgYDVR0PAQH/BAQDAgEGMB0GA1UdDgQWBBQx
WESdTEA42xibBHapfttcWl7FnTAKBggqhkjOPQQDAgNIADBFAiA1xqWcBhKSzgbJ
oxVVtmzSp+W8YeBMUI1+V8F4UBXw5gIhANC5OdAukPGkJzfYHnJbiXy6wQw1u5+q
I3Fucynt+qJa
-----END CERTIFICATE-----`;

function explain(fault: string, nowMs: number, authority = AUTHORITY): McpClientError {
  const error = describeFault(
    Object.assign(new Error('tls'), { code: fault }),
    'https://server.example:8443',
  );
  return explainCertificateFault(error, authority, nowMs);
}

test('whose clock is wrong is said where it is known, and where it is not, that it may be either', () => {
  for (const [fault, now, authority, wrongClock, text] of [
    [
      'CERT_NOT_YET_VALID',
      '1970-01-01T00:03:00Z',
      AUTHORITY,
      'this-computer',
      /clock of this computer is wrong: it says 1970/,
    ],
    ['CERT_HAS_EXPIRED', '2001-01-01', AUTHORITY, 'this-computer', /before this release was made/],
    ['CERT_HAS_EXPIRED', '2026-12-01', ENDED_BEFORE_RELEASE, 'server', /clock of the server was wrong/],
    ['CERT_HAS_EXPIRED', '2036-11-23', AUTHORITY, 'unknown', /authority of the server ended at 2036-11-2/],
    ['CERT_NOT_YET_VALID', '2026-12-01', AUTHORITY, 'unknown', /not valid yet by the clock of this computer/],
    ['CERT_HAS_EXPIRED', '2027-12-01', AUTHORITY, 'unknown', /is over by the clock of this computer/],
  ] as const) {
    const error = explain(fault, Date.parse(now), authority);
    assert.equal(error.code, 'SERVER_CERTIFICATE_INVALID');
    assert.equal(error.facts['wrongClock'], wrongClock, `${fault} ${now}`);
    assert.match(error.message, text);
    assert.equal(error.retry, 'safe');
  }
  assert.match(explain('CERT_HAS_EXPIRED', releasedAtMs - 1).message, /is wrong/);
  assert.doesNotMatch(explain('CERT_NOT_YET_VALID', releasedAtMs).message, /is wrong/);
});

test('another fault is left as it is, and blames no clock', () => {
  for (const fault of ['ERR_TLS_CERT_ALTNAME_INVALID', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE']) {
    const error = explain(fault, 0);
    assert.equal(error.facts['wrongClock'], undefined);
    assert.doesNotMatch(`${error.message} ${error.remedy ?? ''}`, /clock/);
  }
  assert.equal(explain('ECONNREFUSED', 0).code, 'SERVER_UNREACHABLE');
});

test('only an authority that is not known is a reason to look for one that follows', () => {
  const of = (fault: string): unknown =>
    describeFault(Object.assign(new Error('tls'), { code: fault }), 'https://server.example:8443');
  for (const fault of ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'SELF_SIGNED_CERT_IN_CHAIN', 'CERT_HAS_EXPIRED'])
    assert.ok(isOfUnknownIssuer(of(fault)), fault);
  for (const fault of ['ERR_TLS_CERT_ALTNAME_INVALID', 'CERT_NOT_YET_VALID', 'ECONNREFUSED'])
    assert.ok(!isOfUnknownIssuer(of(fault)), fault);
  assert.ok(!isOfUnknownIssuer(new Error('other')));
});
