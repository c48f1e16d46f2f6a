import type { Clock } from '@holdfast/kernel';
import type { Log } from '../../platform/log.ts';
import type { StateDatabase } from '../../platform/state-database.ts';
import { keepIfThereIsRoom } from '../../platform/state.errors.ts';
import { createStateNotes } from '../../platform/state-note.ts';
import type { LogWriter } from '../logs/index.ts';

export interface DiskRoomOptions {
  readonly database: StateDatabase;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: LogWriter;
  /** Told when there is room again, for what was kept in memory meanwhile. */
  readonly onRoom: () => void;
}

export interface DiskRoom {
  /** Since when the disk is full; `undefined` when it is not. */
  readonly fullSince: () => number | undefined;
  /** Cheap, and done with each heartbeat. */
  look(): void;
}

/**
 * Looks after the disk of the state: says once that it is full and once that it has room again, in the log, to the server and to
 * whoever looks on the device, and has written then what could not be written before.
 */
export function createDiskRoom({ database, clock, log, events, onRoom }: DiskRoomOptions): DiskRoom {
  const notes = createStateNotes(database);
  let since = readDiskFullSince(database);
  let isTold = false;

  const look = (): void => {
    database.lookForRoom();
    if (database.room === 'enough') {
      if (since === undefined) return;
      since = undefined;
      keepIfThereIsRoom(() => database.transaction(() => notes.remove('disk-full')));
      onRoom();
      if (!isTold) return;
      isTold = false;
      log.info('DISK_HAS_ROOM', 'The disk of the state folder has room again.');
      events.record('disk-has-room');
      return;
    }
    const fullSince = since ?? clock.now();
    since = fullSince;
    // For others on the device. Where it cannot be written they see that the volume has no space left.
    const isNoted = notes.find('disk-full') !== undefined;
    if (!isNoted)
      keepIfThereIsRoom(() => database.transaction(() => notes.save('disk-full', { since: fullSince })));
    if (isTold) return;
    isTold = true;
    log.warn(
      'STATE_DISK_FULL',
      'The disk of the state folder is full or failing. The agent goes on; what it cannot write down it does not begin. Free some space on that volume.',
    );
    events.record('disk-full');
  };

  return { fullSince: () => since, look };
}

/** Of a state file that may be open for reading only. */
export function readDiskFullSince(database: StateDatabase): number | undefined {
  const since = createStateNotes(database).find('disk-full')?.['since'];
  return typeof since === 'number' ? since : undefined;
}
