import { toTerminalText } from '@holdfast/kernel';

interface LogLine {
  readonly level?: unknown;
  readonly msg?: unknown;
  readonly err?: { readonly message?: unknown; readonly code?: unknown };
  readonly [name: string]: unknown;
}

const LEVEL_NAMES: Readonly<Record<number, string>> = { 40: 'warning', 50: 'error', 60: 'error' };
const SHOWN_ELSEWHERE = new Set(['level', 'time', 'pid', 'msg', 'err', 'hostname']);
const MAX_LENGTH = 1_000;

/** One line of the log as text for people: what happened, why, and the facts. Safe for a terminal. */
export function formatLogLine(json: string): string {
  let line: LogLine;
  try {
    line = JSON.parse(json) as LogLine;
  } catch {
    // Not one of our lines; better shown as it is than lost.
    return `holdfast-server: ${makeSafe(json)}\n`;
  }
  const level = LEVEL_NAMES[Number(line.level)] ?? 'note';
  const reason = typeof line.err?.message === 'string' ? `: ${line.err.message}` : '';
  const facts = Object.entries(line)
    .filter(([name, value]) => !SHOWN_ELSEWHERE.has(name) && value !== undefined && typeof value !== 'object')
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
  const text = `${typeof line.msg === 'string' ? line.msg : ''}${reason}${facts === '' ? '' : ` (${facts})`}`;
  return `holdfast-server: ${level}: ${makeSafe(text)}\n`;
}

// Texts from elsewhere must neither move the cursor nor start a new line.
function makeSafe(text: string): string {
  const clean = toTerminalText(text.replaceAll(/\s+/g, ' ')).trim();
  return clean.length <= MAX_LENGTH ? clean : `${clean.slice(0, MAX_LENGTH)}…`;
}
