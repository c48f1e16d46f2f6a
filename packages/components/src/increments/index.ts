/**
 * Increments: the difference between two releases of a file. Making tries several encodings and keeps the smallest; applying streams, with
 * a bound on memory and on what is written, beside the old file and never in it. It tells a wrong base and damage by
 * digests, but trusts nobody: an increment comes from signed metadata, and so does the digest by which the caller verifies the
 * result. docs/increments.md specifies the format.
 */
export { applyIncrement, type ApplyOptions } from './apply-increment.ts';
export { createIncrementMaker, type IncrementMaker } from './increment-maker.ts';
export { type IncrementEncoding, incrementEncodings } from './increment-header.ts';
export { IncrementError, type IncrementErrorCode } from './increments.errors.ts';
export { type MadeIncrement, makeIncrement, type MakeOptions } from './make-increment.ts';
