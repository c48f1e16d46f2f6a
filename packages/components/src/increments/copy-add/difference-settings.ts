import { damagedIncrement } from '../increments.errors.ts';
import { createByteReader, createByteWriter } from '../integer-bytes.ts';

/** What the maker chose; it stands in front of the difference. */
export interface DifferenceSettings {
  /** After so many bytes as expected, the length of the run is written and no longer each byte. */
  readonly patience: number;
  /** How many counters each context of the bytes that are added has: 2 to this power. */
  readonly tableBits: number;
  /** How many of the last bytes are searched for a match: 2 to this power. */
  readonly historyBits: number;
  /** So many bytes of the old file around the place where something is added are searched for matches of it, both ways. */
  readonly reach: number;
}

/** As many bytes as settings can take. */
export const MAX_SETTINGS_BYTES = 4 * 8;

/** With these at their greatest, applying takes 100 MiB for its tables. */
const MAX_TABLE_BITS = 21;
const MAX_HISTORY_BITS = 25;
const MIN_BITS = 12;

export function encodeSettings(settings: DifferenceSettings): Uint8Array {
  const writer = createByteWriter();
  writer.integer(settings.patience);
  writer.integer(settings.tableBits);
  writer.integer(settings.historyBits);
  writer.integer(settings.reach);
  return writer.finish();
}

/**
 * Reads settings at the beginning of `bytes`; `length` is their own.
 * @throws IncrementError INCREMENT_DAMAGED
 */
export function parseSettings(bytes: Uint8Array): DifferenceSettings & { readonly length: number } {
  const reader = createByteReader(bytes);
  const patience = reader.integer();
  const tableBits = reader.integer(MAX_TABLE_BITS);
  const historyBits = reader.integer(MAX_HISTORY_BITS);
  const reach = reader.integer();
  if (tableBits < MIN_BITS || historyBits < MIN_BITS) throw damagedIncrement('a table is too small');
  return { patience, tableBits, historyBits, reach, length: reader.offset };
}
