import { createReadStream, createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FleetError } from './fleet.errors.ts';

/** A registered product of a fleet. */
export interface SavedProduct {
  readonly index: number;
  readonly productNumber: number;
  readonly epoch: number;
  readonly receipt: string;
}

/** What a fleet needs to come back as the same products. The secret is worth the keys of all of them. */
export interface SavedFleet {
  /** Origin of the server. */
  readonly server: string;
  /** PEM. */
  readonly authority: string;
  readonly fingerprint: string;
  /** 32 bytes in base64url. */
  readonly secret: string;
  readonly products: readonly SavedProduct[];
}

const FORM = 'holdfast-fleet-1';

/** Writes the state beside its place, readable by its owner only, and puts it there when it is whole. */
export async function writeFleetState(path: string, fleet: SavedFleet): Promise<void> {
  const { products, ...head } = fleet;
  const unfinished = `${path}.unfinished`;
  await pipeline(
    Readable.from(describeLines({ form: FORM, ...head }, products)),
    createWriteStream(unfinished, { mode: 0o600 }),
  );
  await rename(unfinished, path);
}

function* describeLines(head: object, products: readonly SavedProduct[]): Generator<string> {
  yield `${JSON.stringify(head)}\n`;
  for (const { index, productNumber, epoch, receipt } of products)
    yield `${JSON.stringify([index, productNumber, epoch, receipt])}\n`;
}

/**
 * Reads what {@link writeFleetState} wrote; `undefined` when there is no such file.
 *
 * @throws FleetError FLEET_STATE_UNREADABLE
 */
export async function readFleetState(path: string): Promise<SavedFleet | undefined> {
  const input = createReadStream(path, 'utf8');
  const lines = createInterface({ input, crlfDelay: Infinity });
  let head: Omit<SavedFleet, 'products'> | undefined;
  const products: SavedProduct[] = [];
  // The interface does not pass on the faults of its input.
  const failed = new Promise<never>((_resolve, reject) => input.once('error', reject));
  const read = async (): Promise<void> => {
    for await (const line of lines) {
      if (head === undefined) head = parseHead(parseLine(line));
      else products.push(parseProduct(parseLine(line)));
    }
  };
  try {
    await Promise.race([read(), failed]);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    if (error instanceof FleetError) throw error;
    throw unreadable(error);
  } finally {
    lines.close();
    input.destroy();
  }
  if (head === undefined) throw unreadable();
  return { ...head, products };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw unreadable(cause);
  }
}

function parseHead(value: unknown): Omit<SavedFleet, 'products'> {
  if (typeof value !== 'object' || value === null) throw unreadable();
  const members = new Map<string, unknown>(Object.entries(value));
  const text = (name: string): string => {
    const found = members.get(name);
    if (typeof found !== 'string' || found === '') throw unreadable();
    return found;
  };
  if (members.get('form') !== FORM || Buffer.from(text('secret'), 'base64url').length !== 32)
    throw unreadable();
  return {
    server: text('server'),
    authority: text('authority'),
    fingerprint: text('fingerprint'),
    secret: text('secret'),
  };
}

function parseProduct(value: unknown): SavedProduct {
  if (!Array.isArray(value)) throw unreadable();
  const [index, productNumber, epoch, receipt] = value as unknown[];
  const isCount = (number: unknown): number is number => Number.isSafeInteger(number) && Number(number) >= 0;
  if (!isCount(index) || !isCount(productNumber) || !isCount(epoch) || typeof receipt !== 'string')
    throw unreadable();
  return { index, productNumber, epoch, receipt };
}

function unreadable(cause?: unknown): FleetError {
  return new FleetError('FLEET_STATE_UNREADABLE', 'The state file cannot be read.', {
    cause,
    remedy: 'Give another name, or remove the file: the fleet then registers anew.',
  });
}
