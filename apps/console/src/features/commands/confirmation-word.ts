export interface Confirmed {
  /** Title of the command. */
  readonly title: string;
  /** How many devices; undefined while nobody knows. */
  readonly count: number | undefined;
  /** Of the only device. */
  readonly name: string | undefined;
}

/**
 * What is typed before something goes out that does not come back by itself: the number of devices; for a single one its name, or
 * the command where the name is not known here.
 */
export function confirmationWord({ title, count, name }: Confirmed): string {
  return count === undefined || count === 1 ? (name ?? title) : String(count);
}
