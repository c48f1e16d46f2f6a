/** Code of an operating system error such as `ENOENT`, or `undefined` when the value is none. */
export function findSystemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** True when the error says that a file, folder or device is not there. */
export function isMissing(error: unknown): boolean {
  const code = findSystemErrorCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENODEV';
}

/** Which file an operating system error is about; `undefined` where it does not say. */
export function findErrorPath(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('path' in error)) return undefined;
  return typeof error.path === 'string' ? error.path : undefined;
}
