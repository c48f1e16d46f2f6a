import type { DirectorySearch } from './directory-search.ts';

/** Where somebody was in the device list: what it showed, and how far down. */
export interface ListPlace {
  readonly search: DirectorySearch;
  readonly offset: number;
}

/** The last place of this page load. A visitor who opens a device and comes back finds the list as it was. */
export class ListMemory {
  #place: ListPlace | undefined;

  get place(): ListPlace | undefined {
    return this.#place;
  }

  remember(place: ListPlace): void {
    this.#place = place;
  }

  /** How far down a list was when it was left; zero for another one. */
  offsetOf(search: DirectorySearch): number {
    return this.#place !== undefined && isSameList(this.#place.search, search) ? this.#place.offset : 0;
  }
}

function isSameList(one: DirectorySearch, other: DirectorySearch): boolean {
  const words = (search: DirectorySearch): string =>
    JSON.stringify(
      Object.entries(search).toSorted(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)),
    );
  return words(one) === words(other);
}
