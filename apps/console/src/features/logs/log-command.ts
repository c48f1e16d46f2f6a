import type { LogRecord } from '@holdfast/api';

const id = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The command that an entry is about, where it says so. What devices say is looked at before it becomes a link. */
export function commandOf(entry: Pick<LogRecord, 'facts'>): string | undefined {
  const said = entry.facts?.['commandId'];
  return typeof said === 'string' && id.test(said) ? said : undefined;
}
