import { userInfo } from 'node:os';
import { statSync } from 'node:fs';

/** A failure that the reader can do something about: what went wrong, and what to do. */
export class SetupFault extends Error {
  constructor(message, { remedy, details, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SetupFault';
    this.remedy = remedy;
    this.details = details;
  }
}

const SYSTEM_CAUSES = {
  ENOSPC: [
    'The disk is full.',
    'Free some space (set-up needs about 700 MB) and run the same command again.',
  ],
  EDQUOT: ['The disk quota is used up.', 'Free some space and run the same command again.'],
  EROFS: ['The file system is read-only.', 'Clone the repository to a place that can be written.'],
  EACCES: ['Permission is missing.', undefined],
  EPERM: ['Permission is missing.', undefined],
};

function ownerOf(path) {
  try {
    const { uid } = statSync(path);
    return uid === 0 ? 'root' : `the user with number ${uid}`;
  } catch {
    // The owner is only decoration of a message: without it the message is still true.
    return 'another user';
  }
}

/** Turns an error of the operating system into a fault that names the file, the cause and the remedy. */
export function explainSystemError(error, doing) {
  if (error instanceof SetupFault) return error;
  const known = SYSTEM_CAUSES[error?.code];
  if (known === undefined) return error;
  const [sentence, remedy] = known;
  const path = error.path === undefined ? '' : ` (${error.path})`;
  return new SetupFault(`${doing} failed. ${sentence}${path}`, {
    remedy: remedy ?? 'Run the command as the user who owns the clone, or make a clone of your own.',
    cause: error,
  });
}

/** A folder of the clone that must be written belongs to somebody else. */
export function notWritable(path) {
  return new SetupFault(
    `${path} belongs to ${ownerOf(path)} and cannot be written by ${userInfo().username}.`,
    {
      remedy:
        'Run the command as the user who made it, hand the clone over with chown -R, or make a clone of your own.',
    },
  );
}

/** Prints a failure for a person. A fault is shown without its stack: the reader is not debugging us. */
export function printFault(error, out = process.stderr) {
  if (!(error instanceof SetupFault)) {
    out.write(`\n${error?.stack ?? error}\n`);
    return;
  }
  out.write(`\n${error.message}\n`);
  if (error.details) out.write(`\n${error.details.trimEnd()}\n`);
  if (error.remedy) out.write(`\n${error.remedy}\n`);
}
