/**
 * The durable outbox: what the server must learn of and has not acknowledged yet. Promises that an appended result is
 * on disk with the transaction that made it, is handed out until it is acknowledged, and is never dropped; that
 * count and bytes stay within bounds, dropping progress first and saying so. Does not promise that a report is sent once:
 * the server recognises repetitions.
 */
export { readOutboxSize } from './outbox.store.ts';
export { createOutbox, defaultOutboxBounds, type Outbox, type OutboxBounds } from './outbox.service.ts';
export { createReportDelivery, type ReportDelivery, type SettledReport } from './report-upload.ts';
