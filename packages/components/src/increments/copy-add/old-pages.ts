import type { FileHandle } from 'node:fs/promises';
import { readExactly } from '../increment-file.ts';

const PAGE_BYTES = 256 * 1024;
const MAX_PAGES = 48;

/** The old file in pages, of which 12 MiB are kept in memory: copies jump about in it. */
export interface OldPages {
  readonly length: number;
  /** The page in which `position` lies if it is in memory. */
  find(position: number): Uint8Array | undefined;
  load(position: number): Promise<Uint8Array>;
}

/** Where `position` lies in its page. */
export function offsetInPage(position: number): number {
  return position % PAGE_BYTES;
}

export function createOldPages(file: FileHandle, length: number): OldPages {
  // In the order of their last use.
  const pages = new Map<number, Uint8Array>();
  let lastNumber = -1;
  let last: Uint8Array | undefined;
  const find = (position: number): Uint8Array | undefined => {
    const number = Math.floor(position / PAGE_BYTES);
    if (number === lastNumber) return last;
    const page = pages.get(number);
    if (page === undefined) return undefined;
    pages.delete(number);
    pages.set(number, page);
    lastNumber = number;
    last = page;
    return page;
  };
  return {
    length,
    find,
    async load(position) {
      const number = Math.floor(position / PAGE_BYTES);
      const from = number * PAGE_BYTES;
      const page = await readExactly(file, from, Math.min(PAGE_BYTES, length - from));
      if (pages.size >= MAX_PAGES) {
        const [oldest] = pages.keys();
        if (oldest !== undefined) pages.delete(oldest);
      }
      pages.set(number, page);
      lastNumber = number;
      last = page;
      return page;
    },
  };
}
