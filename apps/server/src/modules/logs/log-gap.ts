import { type CheckedEntry, severityCode } from './log-batch.ts';

/**
 * What the server says when a product has an acknowledgement for entries that the server does not have: its database is
 * older than that. `undefined` where nothing is missing.
 */
export function describeGap(
  journal: string,
  range: { readonly lastSequence: number; readonly acknowledged: number },
  nowMs: number,
): (CheckedEntry & { readonly facts: string }) | undefined {
  const { lastSequence, acknowledged } = range;
  if (acknowledged <= lastSequence) return undefined;
  return {
    // It belongs to no journal.
    sequence: 0,
    atMs: nowMs,
    type: 'log-entries-lost',
    severity: severityCode.warning,
    text: 'By what the product says, the server had acknowledged entries of it that the server does not have, as after the restore of an older backup.',
    facts: JSON.stringify({ journal, firstSequence: lastSequence + 1, lastSequence: acknowledged }),
  };
}
