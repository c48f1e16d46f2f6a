import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ComponentDescription } from '@holdfast/components';
import { makeIncrement } from '@holdfast/components/increments';
import {
  createRepository,
  generateSigningKey,
  type Repository,
  type SigningKey,
  toSigningKey,
} from '@holdfast/components/repository';
import type { Clock } from '@holdfast/kernel';
import type { Random } from './random.ts';

const LINES = 4_000;
/** How much a publisher changes from one day to the next. */
const NEW_LINES = 60;

/** Somebody who publishes components: a real repository, with keys of its own, in a folder. */
export class Publisher {
  /** Where a server reads it. */
  readonly folder: string;
  readonly #drafts: string;
  readonly #repository: Repository;
  readonly #keys: readonly SigningKey[];
  readonly #random: Random;
  /** What each component is now, line by line. */
  readonly #contents = new Map<string, string[]>();
  readonly #releases = new Map<string, number>();

  private constructor(home: string, clock: Pick<Clock, 'now'>, random: Random) {
    this.folder = join(home, 'repository');
    this.#drafts = join(home, 'drafts');
    this.#random = random;
    this.#repository = createRepository({ folder: this.folder, clock });
    this.#keys = Array.from({ length: 6 }, () => toSigningKey(generateSigningKey()));
  }

  static async begin(home: string, clock: Pick<Clock, 'now'>, random: Random): Promise<Publisher> {
    const publisher = new Publisher(home, clock, random);
    await mkdir(publisher.#drafts, { recursive: true });
    await publisher.#create();
    return publisher;
  }

  /** One more release, with a little of it changed. @returns its number */
  async publish(component: ComponentDescription, version: string, isUrgent = false): Promise<number> {
    const { id } = component;
    const release = (this.#releases.get(id) ?? 0) + 1;
    const file = join(this.#drafts, `${id}-${release}`);
    await writeFile(file, `${this.#edit(id).join('\n')}\n`);
    await this.#repository.publish({
      area: 'components',
      component,
      release,
      version,
      isUrgent,
      file,
      makeIncrement,
      keys: this.#keys,
    });
    this.#releases.set(id, release);
    return release;
  }

  /** Signs anew what would end otherwise. */
  async refresh(): Promise<void> {
    await this.#repository.refresh(this.#keys);
  }

  /** Has something else stand where the newest metadata should, until what is returned is called. */
  async spoil(): Promise<() => Promise<void>> {
    const file = join(this.folder, 'metadata', 'timestamp.json');
    const content = await readFile(file);
    await writeFile(file, '<html>The web server is being moved.</html>');
    return async () => await writeFile(file, content);
  }

  async #create(): Promise<void> {
    const [first, second, third, targets, online, feeds] = this.#keys.map(({ publicKey }) => publicKey);
    if (!first || !second || !third || !targets || !online || !feeds) throw new Error('Six keys were made');
    await this.#repository.create({
      roles: {
        root: { keys: [first, second, third], threshold: 2 },
        targets: { keys: [targets], threshold: 1 },
        snapshot: { keys: [online], threshold: 1 },
        timestamp: { keys: [online], threshold: 1 },
      },
      feeds: { keys: [feeds], threshold: 1 },
      keys: this.#keys,
    });
  }

  #edit(id: string): readonly string[] {
    const lines = this.#contents.get(id) ?? Array.from({ length: LINES }, () => this.#line());
    for (let index = 0; index < NEW_LINES; index++)
      lines.splice(this.#random.integer(lines.length), index % 3 === 0 ? 1 : 0, this.#line());
    this.#contents.set(id, lines);
    return lines;
  }

  /** As a database of signatures of files has them. */
  #line(): string {
    return `${this.#random.hex(32)}:${this.#random.integer(900_000)}:Sample.${this.#random.hex(6)}`;
  }
}
