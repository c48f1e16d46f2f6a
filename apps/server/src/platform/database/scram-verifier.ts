import { createHash, createHmac, createSecretKey, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const ITERATIONS = 4096;
const KEY_BYTES = 32;

/**
 * What PostgreSQL stores of a password (RFC 5803): the password itself never appears in a statement, and so
 * never in a log of statements. The passwords here are 256 random bits, so that the low iteration count,
 * which is the database's own, gives nothing away.
 */
export async function createScramVerifier(password: string): Promise<string> {
  const salt = randomBytes(16);
  const salted = createSecretKey(await promisify(pbkdf2)(password, salt, ITERATIONS, KEY_BYTES, 'sha256'));
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest('base64');
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}
