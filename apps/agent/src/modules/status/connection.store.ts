import type { StateDatabase } from '../../platform/state-database.ts';

/** How communication stands, as the running agent last wrote it. */
export interface ConnectionRecord {
  readonly phase: string;
  readonly transport: string;
  readonly transportReason: string;
  /** Whether and how the server can call, and why so. */
  readonly mode: string;
  readonly modeReason: string;
  readonly serverAddress: string;
  /** Server time minus our time. */
  readonly clockOffsetMs: number;
  readonly lastContactAt: number | undefined;
  readonly lastFailureCode: string | undefined;
  readonly lastFailureAt: number | undefined;
}

export const noConnection: ConnectionRecord = {
  phase: 'stopped',
  transport: 'unknown',
  transportReason: '',
  mode: 'one-way',
  modeReason: '',
  serverAddress: '',
  clockOffsetMs: 0,
  lastContactAt: undefined,
  lastFailureCode: undefined,
  lastFailureAt: undefined,
};

export function findConnection({ connection }: StateDatabase): ConnectionRecord | undefined {
  const row = connection.prepare('SELECT * FROM connection').get();
  if (row === undefined) return undefined;
  return {
    phase: String(row['phase']),
    transport: String(row['transport']),
    transportReason: String(row['transport_reason']),
    mode: String(row['mode']),
    modeReason: String(row['mode_reason']),
    serverAddress: String(row['server_address']),
    clockOffsetMs: Number(row['clock_offset_ms']),
    lastContactAt: readTime(row['last_contact_at']),
    lastFailureCode: row['last_failure_code'] === null ? undefined : String(row['last_failure_code']),
    lastFailureAt: readTime(row['last_failure_at']),
  };
}

export function saveConnection({ connection }: StateDatabase, record: ConnectionRecord): void {
  connection
    .prepare(
      `INSERT OR REPLACE INTO connection (id, phase, transport, transport_reason, mode, mode_reason, server_address,
         clock_offset_ms, last_contact_at, last_failure_code, last_failure_at)
       VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      record.phase,
      record.transport,
      record.transportReason,
      record.mode,
      record.modeReason,
      record.serverAddress,
      Math.round(record.clockOffsetMs),
      record.lastContactAt ?? null,
      record.lastFailureCode ?? null,
      record.lastFailureAt ?? null,
    );
}

function readTime(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
