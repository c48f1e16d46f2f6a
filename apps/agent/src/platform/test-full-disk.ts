import type { StateDatabase } from './state-database.ts';

/** Makes the disk full for this database: what it holds stays, and nothing is added. */
export function fillDisk({ connection }: StateDatabase): void {
  const pages = Number(connection.prepare('PRAGMA page_count').get()?.['page_count']);
  connection.exec(`PRAGMA max_page_count = ${pages}`);
}

export function freeDisk({ connection }: StateDatabase): void {
  connection.exec('PRAGMA max_page_count = 16384');
}
