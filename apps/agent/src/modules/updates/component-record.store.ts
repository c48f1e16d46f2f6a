import type { ComponentDescription } from '@holdfast/components';
import type { StateDatabase } from '../../platform/state-database.ts';
import { type ComponentRecord, type NamedRelease, SwitchStep } from './component-record.ts';

/** All SQL of the components. Writing belongs into a transaction. */
export interface ComponentRecordStore {
  find(id: string): ComponentRecord | undefined;
  /** By id. */
  list(): readonly ComponentRecord[];
  /** What is in use, by id. */
  listInUse(): readonly { readonly id: string; readonly release: number }[];
  save(record: ComponentRecord): void;
  findCoolDown(id: string, about: string): CoolDown | undefined;
  saveCoolDown(id: string, about: string, coolDown: CoolDown): void;
  forgetCoolDown(id: string, about: string): void;
}

/** Something that failed and is left alone for a while. */
export interface CoolDown {
  /** A newer one begins anew. */
  readonly release: number;
  readonly failures: number;
  /** Wall time. */
  readonly notBefore: number;
}

type Row = Readonly<Record<string, unknown>>;

export function createComponentRecordStore({ connection }: StateDatabase): ComponentRecordStore {
  return {
    find: (id) => {
      const row = connection.prepare('SELECT * FROM component WHERE id = ?').get(id);
      return row === undefined ? undefined : readRecord(row);
    },
    list: () => connection.prepare('SELECT * FROM component ORDER BY id').all().map(readRecord),
    listInUse: () =>
      connection
        .prepare('SELECT id, release FROM component WHERE release IS NOT NULL ORDER BY id')
        .all()
        .map((row) => ({ id: String(row['id']), release: Number(row['release']) })),
    save: ({ description, current, previous, next, target, step, failure, changedAt }) => {
      connection
        .prepare('INSERT OR REPLACE INTO component VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
        .run(
          description.id,
          JSON.stringify(description),
          ...columnsOf(current),
          ...columnsOf(previous),
          ...columnsOf(next),
          target ?? null,
          step,
          failure?.release ?? null,
          failure?.code ?? null,
          failure?.text ?? null,
          changedAt,
        );
    },
    findCoolDown: (id, about) => {
      const row = connection
        .prepare('SELECT * FROM component_cool_down WHERE component_id = ? AND about = ?')
        .get(id, about);
      if (row === undefined) return undefined;
      return {
        release: Number(row['release']),
        failures: Number(row['failures']),
        notBefore: Number(row['not_before']),
      };
    },
    saveCoolDown: (id, about, { release, failures, notBefore }) => {
      connection
        .prepare('INSERT OR REPLACE INTO component_cool_down VALUES (?, ?, ?, ?, ?)')
        .run(id, about, release, failures, notBefore);
    },
    forgetCoolDown: (id, about) => {
      connection
        .prepare('DELETE FROM component_cool_down WHERE component_id = ? AND about = ?')
        .run(id, about);
    },
  };
}

/** Of a state file that may be open for reading only and may lack the table, because an older agent made it. */
export function readComponentRecords(database: StateDatabase): readonly ComponentRecord[] {
  const isThere = database.connection
    .prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'component'")
    .get();
  return isThere === undefined ? [] : createComponentRecordStore(database).list();
}

function columnsOf(named: NamedRelease | undefined): [number | null, string | null] {
  return [named?.release ?? null, named?.version ?? null];
}

function readRecord(row: Row): ComponentRecord {
  const failedRelease = row['failed_release'];
  return {
    // Written by `save`, and nobody else writes this table.
    description: JSON.parse(String(row['description'])) as ComponentDescription,
    current: readNamed(row['release'], row['version']),
    previous: readNamed(row['previous_release'], row['previous_version']),
    next: readNamed(row['next_release'], row['next_version']),
    target: typeof row['target_release'] === 'number' ? row['target_release'] : undefined,
    // A step of a newer agent is dealt with as one that was interrupted.
    step: Object.values(SwitchStep).find((step) => step === row['step']) ?? SwitchStep.goingBack,
    failure:
      typeof failedRelease === 'number'
        ? {
            release: failedRelease,
            code: String(row['failure_code']),
            text: String(row['failure_text']),
          }
        : undefined,
    changedAt: Number(row['changed_at']),
  };
}

function readNamed(release: unknown, version: unknown): NamedRelease | undefined {
  return typeof release === 'number' ? { release, version: String(version) } : undefined;
}
