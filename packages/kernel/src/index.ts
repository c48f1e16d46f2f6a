/**
 * What every other package may lean on: errors with codes, clocks, ids, strict bytes. Promises to import
 * nothing, to read no environment and to do no I/O. It is not a place for conveniences: what only one
 * package needs lives there.
 */
export { AppError, type AppErrorOptions, type ErrorFacts, hasCode, type Retry } from './errors.ts';
export type { Branded } from './brand.ts';
export { decodeBase64Url, decodeUtf8, encodeBase64Url, encodeHex } from './bytes.ts';
export { type Clock, systemClock } from './clock.ts';
export {
  describeFailure,
  type Failure,
  formatFailure,
  formatFailureJson,
  INTERNAL_ERROR,
  parseFailureJson,
} from './failure.ts';
export { cleanName, foldName } from './name-text.ts';
export { isPrintableText, printableTextPattern } from './printable-text.ts';
export {
  type GuardedProcess,
  guardProgram,
  type ProgramGuard,
  type ProgramGuardOptions,
} from './program-guard.ts';
export { compareReleases, isRelease, type Release } from './release.ts';
export { isPlausibleTime, releasedAtMs } from './release-date.ts';
export { toOneLine, toTerminalJson, toTerminalLines, toTerminalText } from './terminal-text.ts';
export { createUuidV7, isUuid } from './uuid.ts';
export { wordsOf } from './words.ts';
