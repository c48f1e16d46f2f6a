import {
  type ByteStream,
  createStreamReader,
  streamCompressed,
  streamFile,
  type StreamReader,
} from './byte-stream.ts';
import { codecNumber, codecOfNumber, compressSmallest } from './compression.ts';
import type { ApplyInput, MakeInput } from './encoding.ts';
import { damagedIncrement } from './increments.errors.ts';
import { createByteReader, createByteWriter } from './integer-bytes.ts';
import { findRecordEdits, type RecordEdit } from './record-match.ts';
import { numberRecords, RECORD_END, scanRecords } from './record-scan.ts';

/** What making keeps for each record of both files, in bytes. */
const RECORD_BYTES = 64;
const MAX_RECORDS = 2 ** 22;
/** What applying keeps of the edits in memory. */
const MAX_EDIT_BYTES = 32 * 2 ** 20;
/** Beyond this share of the new file the edits are no good, and beyond so much text compressing it takes long. */
const MAX_ADDED_SHARE = 0.5;
const MAX_ADDED_BYTES = 16 * 2 ** 20;

/**
 * Edits of whole records (lines), as files of patterns and rules change: records stay, go and come, all else moves along.
 * Not for files that are not like that.
 */
export async function makeRecordEdits(input: MakeInput): Promise<boolean> {
  const maxRecords = Math.min(MAX_RECORDS, Math.floor(input.memoryBound / (4 * RECORD_BYTES)));
  const old = await scanRecords(streamFile(input.old, 0, input.oldLength), maxRecords);
  if (old === undefined) return false;
  const fresh = await scanRecords(streamFile(input.fresh, 0, input.freshLength), maxRecords);
  if (fresh === undefined) return false;
  input.signal?.throwIfAborted();
  const [oldNumbers, freshNumbers] = numberRecords([old, fresh]);
  if (oldNumbers === undefined || freshNumbers === undefined) return false;
  const edits = findRecordEdits(oldNumbers, freshNumbers);

  const added: { readonly from: number; readonly to: number }[] = [];
  let addedBytes = 0;
  let record = 0;
  for (const { keep, add } of edits) {
    record += keep;
    const from = fresh.offsets[record] ?? 0;
    record += add;
    const to = fresh.offsets[record] ?? 0;
    added.push({ from, to });
    addedBytes += to - from;
  }
  if (addedBytes > input.freshLength * MAX_ADDED_SHARE || addedBytes > MAX_ADDED_BYTES) return false;

  const columns = encodeEdits(edits);
  if (columns.length > MAX_EDIT_BYTES) return false;
  const script = createByteWriter();
  script.integer(columns.length);
  script.bytes(columns);
  for (const { from, to } of added) {
    const text = streamFile(input.fresh, from, to);
    for (let piece = await text.next(); piece !== undefined; piece = await text.next()) script.bytes(piece);
  }
  const compressed = await compressSmallest(script.finish());
  await input.write(Uint8Array.of(codecNumber(compressed.codec)));
  await input.write(compressed.bytes);
  return true;
}

/** Column by column, because neighbours in a column are alike. */
function encodeEdits(edits: readonly RecordEdit[]): Uint8Array {
  const writer = createByteWriter();
  writer.integer(edits.length);
  for (const column of ['keep', 'drop', 'add'] as const) {
    for (const edit of edits) writer.integer(edit[column]);
  }
  return writer.finish();
}

/** @throws IncrementError INCREMENT_DAMAGED */
function parseEdits(bytes: Uint8Array): RecordEdit[] {
  const reader = createByteReader(bytes);
  // Each edit takes three bytes at least: a small file cannot make many of them.
  const count = reader.integer(Math.floor(bytes.length / 3));
  const column = (): number[] => Array.from({ length: count }, () => reader.integer());
  const keep = column();
  const drop = column();
  const add = column();
  if (!reader.isAtEnd) throw damagedIncrement('something stands behind the edits');
  return keep.map((kept, place) => ({ keep: kept, drop: drop[place] ?? 0, add: add[place] ?? 0 }));
}

export async function applyRecordEdits(input: ApplyInput): Promise<void> {
  const [number = 0] = (await input.readPayload(0, 1)) ?? [];
  const codec = codecOfNumber(number);
  if (codec === undefined) throw damagedIncrement('its codec is unknown');
  const script = streamCompressed(input.increment, {
    from: input.payloadFrom + 1,
    to: input.payloadTo,
    codec,
  });
  try {
    await edit(input, createStreamReader(script));
  } finally {
    script.close();
  }
}

async function edit(input: ApplyInput, script: StreamReader): Promise<void> {
  const edits = parseEdits(await script.bytes(await script.integer(MAX_EDIT_BYTES)));
  const kept = createRecordCursor(streamFile(input.old, 0, input.oldLength));
  const added = createRecordCursor(script.rest());
  for (const { keep, drop, add } of edits) {
    input.signal?.throwIfAborted();
    await kept.pass(keep, input.write);
    await kept.pass(drop);
    await added.pass(add, input.write);
  }
  await kept.passAll(input.write);
  if (!(await added.isAtEnd())) throw damagedIncrement('records are left over');
}

interface RecordCursor {
  /** Goes over `count` records and gives their bytes to `write`. INCREMENT_DAMAGED where there are not as many. */
  pass(count: number, write?: (bytes: Uint8Array) => Promise<void>): Promise<void>;
  passAll(write: (bytes: Uint8Array) => Promise<void>): Promise<void>;
  isAtEnd(): Promise<boolean>;
}

function createRecordCursor(stream: ByteStream): RecordCursor {
  let piece: Uint8Array | undefined = new Uint8Array(0);
  const hasPiece = async (): Promise<boolean> => {
    while (piece !== undefined && piece.length === 0) piece = await stream.next();
    return piece !== undefined;
  };
  return {
    async pass(count, write) {
      let left = count;
      let isOpen = false;
      while (left > 0) {
        if (!(await hasPiece()) || piece === undefined) {
          // The last record of a file may have no line feed.
          if (isOpen && left === 1) return;
          throw damagedIncrement('there are fewer records than it says');
        }
        let end = 0;
        while (left > 0 && end < piece.length) {
          const at = piece.indexOf(RECORD_END, end);
          isOpen = at === -1;
          end = isOpen ? piece.length : at + 1;
          if (!isOpen) left--;
        }
        if (write !== undefined) await write(piece.subarray(0, end));
        piece = piece.subarray(end);
      }
    },
    async passAll(write) {
      while ((await hasPiece()) && piece !== undefined) {
        await write(piece);
        piece = new Uint8Array(0);
      }
    },
    isAtEnd: async () => !(await hasPiece()),
  };
}
