import { randomUUID } from 'node:crypto';
import type { McpState } from '@holdfast/protocol';
import { AgentStateError } from '../../platform/state.errors.ts';
import type { StateDatabase } from '../../platform/state-database.ts';

/** To which server this agent belongs, and as what. */
export interface Registration {
  /** Origins in the order to try. */
  readonly addresses: readonly string[];
  /** base64url SHA-256 of the certificate of the server's authority. */
  readonly fingerprint: string;
  /** PEM: the server's authority, then those that are trusted beside it. */
  readonly authorityCertificate: string;
  readonly keyThumbprint: string;
  readonly registeredAt: number;
  readonly product: McpState;
}

/** All SQL of the registration. */
export interface RegistrationStore {
  find(): Registration | undefined;
  /** Writes the whole registration over the old one. */
  save(registration: Registration): void;
  /** Writes what a handshake settled. */
  saveProduct(product: McpState): void;
  saveAddresses(addresses: readonly string[]): void;
  /** What is trusted from now on. */
  saveAuthority(certificate: string, fingerprint: string): void;
  /** Lets go of what belonged to another server: commands, reports and log entries. Answers how many reports were not delivered. */
  forgetWork(): number;
  /** Lets go of what was meant for the computer that this one is a copy of; the journals go on, empty and under other names. */
  forgetCopiedWork(): void;
}

export function createRegistrationStore({ connection }: StateDatabase): RegistrationStore {
  return {
    find: () => {
      const row = connection.prepare('SELECT * FROM registration').get();
      return row === undefined ? undefined : readRegistration(row);
    },
    save: ({ addresses, fingerprint, authorityCertificate, keyThumbprint, registeredAt, product }) => {
      connection
        .prepare(
          `INSERT OR REPLACE INTO registration (id, addresses, fingerprint, authority_certificate, key_thumbprint,
             product_number, device_id, group_id, group_path, receipt, epoch, registered_at)
           VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          JSON.stringify(addresses),
          fingerprint,
          authorityCertificate,
          keyThumbprint,
          product.productNumber,
          product.deviceId,
          product.groupId,
          JSON.stringify(product.groupPath),
          product.receipt,
          product.epoch,
          registeredAt,
        );
    },
    saveProduct: ({ productNumber, deviceId, groupId, groupPath, receipt, epoch }) => {
      connection
        .prepare(
          `UPDATE registration SET product_number = ?, device_id = ?, group_id = ?, group_path = ?, receipt = ?, epoch = ?`,
        )
        .run(productNumber, deviceId, groupId, JSON.stringify(groupPath), receipt, epoch);
    },
    saveAddresses: (addresses) => {
      connection.prepare('UPDATE registration SET addresses = ?').run(JSON.stringify(addresses));
    },
    saveAuthority: (certificate, fingerprint) => {
      connection
        .prepare('UPDATE registration SET authority_certificate = ?, fingerprint = ?')
        .run(certificate, fingerprint);
    },
    forgetWork: () => {
      const count = Number(connection.prepare('SELECT count(*) AS count FROM outbox').get()?.['count'] ?? 0);
      connection.exec(
        `DELETE FROM outbox; DELETE FROM command; DELETE FROM connection; DELETE FROM outbox_loss;
         DELETE FROM log_entry; DELETE FROM log_journal`,
      );
      return count;
    },
    forgetCopiedWork: () => {
      connection.exec(
        'DELETE FROM outbox; DELETE FROM command; DELETE FROM outbox_loss; DELETE FROM log_entry',
      );
      const names = connection.prepare('SELECT name FROM log_journal').all();
      const rename = connection.prepare(
        'UPDATE log_journal SET id = ?, acknowledged_sequence = 0 WHERE name = ?',
      );
      for (const { name } of names) rename.run(randomUUID(), String(name));
    },
  };
}

function readRegistration(row: Record<string, unknown>): Registration {
  return {
    addresses: readTexts(row['addresses']),
    fingerprint: String(row['fingerprint']),
    authorityCertificate: String(row['authority_certificate']),
    keyThumbprint: String(row['key_thumbprint']),
    registeredAt: Number(row['registered_at']),
    product: {
      productNumber: Number(row['product_number']),
      deviceId: String(row['device_id']),
      groupId: String(row['group_id']),
      groupPath: readTexts(row['group_path']),
      receipt: String(row['receipt']),
      epoch: Number(row['epoch']),
    },
  };
}

function readTexts(value: unknown): string[] {
  try {
    const texts: unknown = JSON.parse(String(value));
    if (Array.isArray(texts) && texts.every((text) => typeof text === 'string')) return texts;
  } catch {
    // Falls through to the error below: what is stored is not what was written.
  }
  throw new AgentStateError('STATE_DAMAGED', "The agent's registration is damaged.", {
    remedy: 'Restore the state file from a backup, or enrol again with --force and a new token.',
  });
}
