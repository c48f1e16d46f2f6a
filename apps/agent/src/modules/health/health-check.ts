import { toOneLine } from '@holdfast/kernel';
import { noRefusals, type RefusableCall, type RefusalRecord } from '../refusals/index.ts';
import { checkComponents } from './component-check.ts';
import type { HealthFacts } from './health-facts.ts';
import { type HealthCheck, HealthState } from './health-state.ts';
import { describeTransport } from './transport-text.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const callsOfTransport: readonly RefusableCall[] = ['handshake', 'transport', 'heartbeat', 'notifications'];
/** Of a sentence of the server within one of ours. */
const MAX_REASON_CHARACTERS = 200;
const MEBIBYTE = 1_048_576;
const GIBIBYTE = 1_024 * MEBIBYTE;

/** Worst first where several limits hold: each answers the state from its limit on. */
const limits = {
  clockOffsetMs: { warning: MINUTE_MS, failed: DAY_MS },
  certificateMs: { warning: 30 * DAY_MS, failed: 0 },
  freeBytes: { warning: 256 * MEBIBYTE, failed: 16 * MEBIBYTE },
  fillPercent: { warning: 50, failed: 95 },
  inventoryAgeMs: { warning: 2 * DAY_MS, failed: 14 * DAY_MS },
  // At rest it has some 60 MiB; the service ends it at 256.
  residentBytes: { warning: 96 * MEBIBYTE, failed: 120 * MEBIBYTE },
} as const;

/** Judges the facts. Pure: nine checks at most, each a short sentence. */
export function assessHealth(facts: HealthFacts, nowMs: number): readonly HealthCheck[] {
  const { refusals = noRefusals } = facts;
  return [
    checkClock(facts.clockOffsetMs),
    checkCertificate(facts.authorityExpiresAt, nowMs),
    checkDiskSpace(facts, nowMs),
    withRefusals(checkOutbox(facts.outbox), refusals, ['reports', 'commands'], nowMs),
    withRefusals(checkJournals(facts.journals), refusals, ['logs'], nowMs),
    withRefusals(checkInventory(facts.inventorySentAt, nowMs), refusals, ['inventory'], nowMs),
    withRefusals(checkTransport(facts.connection), refusals, callsOfTransport, nowMs),
    withRefusals(checkComponents(facts, nowMs), refusals, ['components'], nowMs),
    checkDatabase(facts.isDatabaseSound),
    checkMemory(facts.residentBytes),
  ];
}

/** The worst of them. */
export function findOverallState(checks: readonly HealthCheck[]): HealthState {
  const has = (state: HealthState) => checks.some((check) => check.state === state);
  return has('failed') ? HealthState.failed : has('warning') ? HealthState.warning : HealthState.ok;
}

function checkClock(offsetMs: number | undefined): HealthCheck {
  const name = 'clock';
  if (offsetMs === undefined)
    return { name, state: 'warning', text: 'The server has not told its time yet.' };
  const distanceMs = Math.abs(offsetMs);
  const state = atLeast(distanceMs, limits.clockOffsetMs);
  const direction = offsetMs > 0 ? 'behind' : 'ahead of';
  const text =
    state === 'ok'
      ? `The clock agrees with that of the server within ${formatDuration(Math.max(1_000, distanceMs))}.`
      : `The clock is ${formatDuration(distanceMs)} ${direction} that of the server. Set it, or let it be set by the network.`;
  return { name, state, text };
}

function checkCertificate(expiresAt: number | undefined, nowMs: number): HealthCheck {
  const name = 'certificate';
  if (expiresAt === undefined)
    return { name, state: 'failed', text: 'This computer does not belong to a server yet.' };
  const leftMs = expiresAt - nowMs;
  const state = atMost(leftMs, limits.certificateMs);
  const days = Math.floor(Math.abs(leftMs) / DAY_MS);
  const text =
    leftMs < 0
      ? `The certificate of the server's authority has run out (days ago: ${days}). Enrol again.`
      : `The certificate of the server's authority is still valid (days left: ${days}).`;
  return { name, state, text };
}

function checkDiskSpace({ diskFullSince, freeBytes }: HealthFacts, nowMs: number): HealthCheck {
  const name = 'disk-space';
  if (diskFullSince !== undefined) {
    const duration = formatDuration(Math.max(0, nowMs - diskFullSince));
    const left = freeBytes === undefined ? '' : ` It has ${formatSize(freeBytes)} left.`;
    const text = `The volume of the state folder is full or failing since ${duration}.${left} Free some space, and check the disk.`;
    return { name, state: 'failed', text };
  }
  if (freeBytes === undefined)
    return { name, state: 'warning', text: 'The system does not tell how much space the state folder has.' };
  const state = atMost(freeBytes, limits.freeBytes);
  const advice = state === 'ok' ? '' : ' Free some space.';
  return { name, state, text: `The volume of the state folder has ${formatSize(freeBytes)} left.${advice}` };
}

function checkOutbox(outbox: HealthFacts['outbox']): HealthCheck {
  const percent = Math.round(Math.max(outbox.count / outbox.maxCount, outbox.bytes / outbox.maxBytes) * 100);
  const state = atLeast(percent, limits.fillPercent);
  return {
    name: 'outbox',
    state,
    text: `Reports that wait for the server: ${outbox.count}, ${percent} % of the outbox.`,
  };
}

function checkJournals(journals: HealthFacts['journals']): HealthCheck {
  const name = 'journals';
  const fills = journals.map(({ size, bounds }) =>
    Math.round(Math.max(size.entryCount / bounds.maxCount, size.entryBytes / bounds.maxBytes) * 100),
  );
  const percent = Math.max(0, ...fills);
  const waiting = journals.reduce((sum, { size }) => sum + size.entryCount, 0);
  const dropped = journals.reduce((sum, { size }) => sum + size.droppedCount, 0);
  const text = `Log entries that wait for the server: ${waiting}; the fuller journal is ${percent} % full.`;
  const lost = dropped === 0 ? '' : ` Dropped so far: ${dropped}.`;
  return { name, state: atLeast(percent, limits.fillPercent), text: `${text}${lost}` };
}

function checkInventory(sentAt: number | undefined, nowMs: number): HealthCheck {
  const name = 'inventory';
  if (sentAt === undefined) return { name, state: 'warning', text: 'The server has no inventory yet.' };
  const ageMs = Math.max(0, nowMs - sentAt);
  return {
    name,
    state: atLeast(ageMs, limits.inventoryAgeMs),
    text: `The server got the inventory ${formatDuration(ageMs)} ago.`,
  };
}

/** The check, and what the server refuses of what it is about. */
function withRefusals(
  check: HealthCheck,
  { standing, givenUp }: RefusalRecord,
  calls: readonly RefusableCall[],
  nowMs: number,
): HealthCheck {
  const refused = standing.filter(({ call }) => calls.includes(call));
  if (refused.length > 0) {
    const sentences = refused.map(({ call, code, text, since }) => {
      const duration = formatDuration(Math.max(0, nowMs - since));
      return `The server has refused this for ${duration}: ${call} (${code}: ${toOneLine(text, MAX_REASON_CHARACTERS)}).`;
    });
    return { ...check, state: 'failed', text: `${check.text} ${sentences.join(' ')}` };
  }
  const recent = givenUp.filter(
    ({ call, lastAt }) => calls.includes(call) && Math.abs(nowMs - lastAt) < DAY_MS,
  );
  if (recent.length === 0) return check;
  const list = recent.map(({ call, count, code }) => `${call}, so far ${count}, the last for ${code}`);
  const state = check.state === 'failed' ? 'failed' : 'warning';
  return { ...check, state, text: `${check.text} The server never took some: ${list.join('; ')}.` };
}

function checkTransport(connection: HealthFacts['connection']): HealthCheck {
  const name = 'transport';
  if (connection === undefined)
    return { name, state: 'warning', text: 'The agent has not spoken with the server yet.' };
  const { isConnected, transport, transportReason, lastFailureCode } = connection;
  if (!isConnected) {
    const reason = lastFailureCode === undefined ? '' : ` The last failure: ${lastFailureCode}.`;
    return { name, state: 'failed', text: `The agent has no connection to the server.${reason}` };
  }
  return { name, state: 'ok', text: describeTransport(transport, transportReason) };
}

function checkDatabase(isSound: boolean): HealthCheck {
  return isSound
    ? { name: 'database', state: 'ok', text: 'The state file is sound.' }
    : {
        name: 'database',
        state: 'failed',
        text: 'The state file is damaged. Restore it from a backup, or move it away and enrol again.',
      };
}

function checkMemory(residentBytes: number | undefined): HealthCheck {
  const name = 'memory';
  if (residentBytes === undefined)
    return { name, state: 'warning', text: 'No agent runs, or the system does not tell what it needs.' };
  return {
    name,
    state: atLeast(residentBytes, limits.residentBytes),
    text: `The agent uses ${formatSize(residentBytes)} of memory.`,
  };
}

interface Limits {
  readonly warning: number;
  readonly failed: number;
}

function atLeast(value: number, { warning, failed }: Limits): HealthState {
  return value >= failed ? HealthState.failed : value >= warning ? HealthState.warning : HealthState.ok;
}

function atMost(value: number, { warning, failed }: Limits): HealthState {
  return value <= failed ? HealthState.failed : value <= warning ? HealthState.warning : HealthState.ok;
}

function formatSize(bytes: number): string {
  return bytes >= 10 * GIBIBYTE
    ? `${Math.round(bytes / GIBIBYTE)} GiB`
    : `${Math.round(bytes / MEBIBYTE)} MiB`;
}

function formatDuration(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.round(ms / 1000)} s`;
  if (ms < HOUR_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${Math.round(ms / HOUR_MS)} h`;
  return `${Math.round(ms / DAY_MS)} days`;
}
