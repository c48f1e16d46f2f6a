import type { Clock } from '@holdfast/kernel';
import { type CertifiedKey, CertificateError } from '@holdfast/trust/certificates';
import type { Logger } from 'pino';
import {
  openOwnCertificate,
  readSuppliedCertificate,
  type ServerCertificate,
  type SuppliedFiles,
} from './server-certificate.ts';

export interface CertificateKeeperOptions {
  /** HOLDFAST_HOME/keys. */
  readonly folder: string;
  readonly log: Logger;
  readonly clock: Clock;
  /** Who signs our own certificate; another one after a change of the authority. */
  readonly authority: () => CertifiedKey;
  /** The organisation's own; undefined: one of our authority. */
  readonly supplied: SuppliedFiles | undefined;
  /** Names that our own certificate must be good for, asked at each renewal: addresses of this computer change. */
  readonly listNames: () => readonly string[];
  /** Names that a supplied certificate must be good for. */
  readonly publicNames: readonly string[];
}

/** Keeps the certificate of the HTTPS server fresh while it runs. */
export interface CertificateKeeper {
  readonly current: ServerCertificate;
  /**
   * Renews or reads again; calls the listener when another certificate is to be used from now on.
   *
   * @returns what became of it, in words for people
   * @throws CertificateError when the successor cannot be used; the certificate in use goes on
   */
  renew(): Promise<'unchanged' | 'renewed' | 'of another authority: used after a restart'>;
  onChange(listener: (certificate: ServerCertificate) => void): void;
}

/**
 * @throws CertificateError with any of its codes, for a supplied certificate
 * @throws HomeError when the keys folder cannot be used
 */
export async function openCertificate(options: CertificateKeeperOptions): Promise<CertificateKeeper> {
  const { supplied, log, clock } = options;
  const read = async (): Promise<ServerCertificate> =>
    supplied === undefined
      ? await openOwnCertificate({
          ...options,
          authority: options.authority(),
          names: options.listNames(),
        })
      : await readSuppliedCertificate(supplied, options.publicNames, clock.now());
  let current = await read();
  const listeners: ((certificate: ServerCertificate) => void)[] = [];

  return {
    get current() {
      return current;
    },
    async renew() {
      let next: ServerCertificate;
      try {
        next = await read();
      } catch (error) {
        if (!(error instanceof CertificateError)) throw error;
        // The certificate in use goes on; what is wrong with its successor is for the people to mend.
        log.error({ err: error, reason: error.code }, 'the renewed certificate cannot be used');
        throw error;
      }
      if (supplied !== undefined && next.authority !== current.authority) {
        log.error(
          {},
          'the authority of the certificate changed; it is used after a restart only, and products that trust the earlier one are then locked out',
        );
        return 'of another authority: used after a restart';
      }
      if (next.fingerprint === current.fingerprint) return 'unchanged';
      current = next;
      log.info({ expiresAt: new Date(next.expiresAtMs).toISOString() }, 'a new server certificate is in use');
      for (const listener of listeners) listener(next);
      return 'renewed';
    },
    onChange: (listener) => void listeners.push(listener),
  };
}
