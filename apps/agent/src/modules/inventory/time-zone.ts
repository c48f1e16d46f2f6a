import { readlinkSync } from 'node:fs';
import { isMissing } from '../../platform/system-error.ts';

/**
 * Name of the time zone, such as `Europe/Berlin`. Linux and macOS keep it as the target of a link. The runtime's own answer
 * (`Intl`) costs 8 MB of resident memory for ever, so it is asked only where there is no link to read.
 */
export function findTimeZone(platform: NodeJS.Platform): string | undefined {
  if (platform === 'win32') return Intl.DateTimeFormat().resolvedOptions().timeZone;
  try {
    return parseZonePath(readlinkSync('/etc/localtime'));
  } catch (error) {
    if (isMissing(error)) return 'UTC';
    // A copied file instead of a link does not say its name.
    return undefined;
  }
}

/** The zone that a path of the zone database names. */
export function parseZonePath(path: string): string | undefined {
  return /zoneinfo(?:\.default)?\/(?:posix\/|right\/)?([A-Za-z0-9_+\-/]+)$/u.exec(path)?.[1];
}
