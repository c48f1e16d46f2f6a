import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AppError, systemClock } from '@holdfast/kernel';
import { type LogEntry, type Severity, severities } from '@holdfast/protocol';
import fc from 'fast-check';
import { createSilentLog } from '../../testing/silent-log.ts';
import { openStateDatabase, type StateDatabase } from '../../platform/state-database.ts';
import { createJournalId } from './journal-id.ts';
import { createJournals, type Journals } from './journals.service.ts';
import { JournalName, journalNames } from './log-event.ts';
import { uploadLogs } from './log-upload.ts';
import { stateVersion } from '../../state-version.ts';

class Away extends AppError<'SERVER_UNREACHABLE'> {}

type Step =
  | { readonly do: 'append'; readonly journal: JournalName; readonly severity: Severity }
  /** `partly`: the server keeps a part of the batch, as one does whose disk is full in the middle. */
  | { readonly do: 'upload'; readonly fate: 'good' | 'lost-request' | 'lost-answer' | 'partly' }
  /** What was not committed is gone; here that is nothing, and what is in memory is. */
  | { readonly do: 'crash' };

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('append' as const),
        journal: fc.constantFrom(...journalNames),
        severity: fc.constantFrom(...severities),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('upload' as const),
        fate: fc.constantFrom('good', 'lost-request', 'lost-answer', 'partly'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
  ),
  { maxLength: 120, size: 'max' },
);

/** What the server keeps: each journal ascending, what it has already is skipped. */
class Server {
  readonly journals = new Map<string, LogEntry[]>();
  fate: (Step & { readonly do: 'upload' })['fate'] = 'good';

  take(journal: string, entries: readonly LogEntry[]): number {
    if (this.fate === 'lost-request')
      throw new Away('SERVER_UNREACHABLE', 'The request was lost.', { retry: 'safe' });
    const kept = this.journals.get(journal) ?? [];
    this.journals.set(journal, kept);
    const taken = this.fate === 'partly' ? entries.slice(0, Math.ceil(entries.length / 2)) : entries;
    for (const entry of taken) if (entry.sequence > (kept.at(-1)?.sequence ?? 0)) kept.push(entry);
    if (this.fate === 'lost-answer')
      throw new Away('SERVER_UNREACHABLE', 'The answer was lost.', { retry: 'safe' });
    return kept.at(-1)?.sequence ?? 0;
  }
}

class Device {
  readonly server = new Server();
  readonly appended = new Set<string>();
  readonly path: string;
  database: StateDatabase;
  journals: Journals;

  constructor(path: string) {
    this.path = path;
    this.database = openStateDatabase(path, stateVersion);
    this.journals = this.open();
  }

  open(): Journals {
    const bounds = { maxCount: 6, maxBytes: 600 };
    return createJournals({
      database: this.database,
      clock: systemClock,
      createId: () => createJournalId(systemClock),
      bounds: { security: bounds, general: bounds },
    });
  }

  async upload(): Promise<boolean> {
    const client = {
      sendLogs: async (id: string, entries: readonly LogEntry[]) => this.server.take(id, entries),
    };
    try {
      const options = { journals: this.journals, client, log: createSilentLog() };
      return (await uploadLogs({ isIdle: false }, options)).again;
    } catch (error) {
      assert.ok(error instanceof Away);
      return false;
    }
  }

  async live(step: Step, index: number): Promise<void> {
    if (step.do === 'append') {
      const type = `event-${index}`;
      this.appended.add(type);
      this.journals.append(step.journal, { at: 1_000 + index, type, severity: step.severity });
    } else if (step.do === 'upload') {
      this.server.fate = step.fate;
      await this.upload();
    } else {
      this.database.close();
      this.database = openStateDatabase(this.path, stateVersion);
      this.journals = this.open();
    }
  }
}

test('whatever is lost on the way and however often the agent crashes, each entry arrives once or is counted as dropped', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-journals-'));
  let run = 0;
  try {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        run++;
        const device = new Device(join(folder, `${run}.sqlite`));
        try {
          for (const [index, step] of script.entries()) await device.live(step, index);
          device.server.fate = 'good';
          while (device.journals.countWaiting() > 0) await device.upload();
          const arrived = [...device.server.journals.values()].flat();
          const own = arrived.filter(({ type }) => type !== 'log-entries-dropped');
          const dropped = arrived
            .filter(({ type }) => type === 'log-entries-dropped')
            .reduce((sum, { facts }) => sum + Number(facts?.['count']), 0);
          assert.equal(new Set(own.map(({ type }) => type)).size, own.length, 'nothing twice');
          for (const { type } of own) assert.ok(device.appended.has(type));
          const missing = device.appended.size - own.length;
          // What the server has and the agent has not heard of may be dropped and counted as well.
          const isHeard = script.every((step) => step.do !== 'upload' || step.fate !== 'lost-answer');
          assert.ok(missing <= dropped, `nothing lost in silence: ${missing} of ${dropped}`);
          if (isHeard) assert.equal(missing, dropped);
          for (const entries of device.server.journals.values()) {
            const sequences = entries.map(({ sequence }) => sequence);
            assert.deepEqual(
              sequences,
              sequences.toSorted((a, b) => a - b),
            );
          }
        } finally {
          device.database.close();
        }
      }),
      { numRuns: 25 },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the security journal goes first, and alone in idle hours', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-journals-'));
  const device = new Device(join(folder, 'state.sqlite'));
  try {
    device.journals.append('general', { at: 1, type: 'ordinary', severity: 'critical' });
    device.journals.append('security', { at: 2, type: 'secure', severity: 'notice' });
    const sent: string[] = [];
    const client = {
      sendLogs: async (_: string, entries: readonly LogEntry[]) => {
        sent.push(...entries.map(({ type }) => type));
        return entries.at(-1)?.sequence ?? 0;
      },
    };
    const options = { journals: device.journals, client, log: createSilentLog() };
    assert.deepEqual(await uploadLogs({ isIdle: true }, options), { again: false, sentCount: 1 });
    assert.deepEqual(await uploadLogs({ isIdle: true }, options), { again: false, sentCount: 0 });
    assert.deepEqual(sent, ['secure']);
    device.journals.append('security', { at: 3, type: 'secure-too', severity: 'notice' });
    assert.equal((await uploadLogs({ isIdle: false }, options)).again, true);
    assert.equal((await uploadLogs({ isIdle: false }, options)).again, false);
    assert.deepEqual(sent, ['secure', 'secure-too', 'ordinary']);
  } finally {
    device.database.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('one entry that the server does not take is given up, and holds up no other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-journals-'));
  const device = new Device(join(folder, 'state.sqlite'));
  class Refused extends AppError<'MESSAGE_MALFORMED'> {}
  try {
    for (const type of ['good', 'bad', 'better']) {
      device.journals.append(JournalName.general, { at: 1, type, severity: 'info' });
    }
    const taken: string[] = [];
    const client = {
      sendLogs: async (_: string, entries: readonly LogEntry[]) => {
        if (entries.some(({ type }) => type === 'bad')) throw new Refused('MESSAGE_MALFORMED', 'No.');
        taken.push(...entries.map(({ type }) => type));
        return entries.at(-1)?.sequence ?? 0;
      },
    };
    const log = createSilentLog();
    while ((await uploadLogs({ isIdle: false }, { journals: device.journals, client, log })).again);
    assert.deepEqual(taken, ['good', 'better']);
    assert.deepEqual(log.codes, ['LOG_ENTRY_REFUSED']);
  } finally {
    device.database.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
