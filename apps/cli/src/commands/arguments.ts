import { CliError } from '../cli.errors.ts';
import { parseDuration } from '../output/duration.ts';

/** Options arrive from the command line as strings; each is parsed here or refused with its name. */
export function readDuration(
  options: Record<string, unknown>,
  name: string,
  fallback?: string,
): number | undefined {
  const text = readText(options, name) ?? fallback;
  if (text === undefined) return undefined;
  const duration = parseDuration(text);
  if (duration === undefined) {
    throw new CliError(
      'ARGUMENT_INVALID',
      `--${toFlag(name)} takes a duration like 90s, 15m, 24h or 7d, not "${text}".`,
    );
  }
  return duration;
}

export function readInteger(options: Record<string, unknown>, name: string): number | undefined {
  const text = readText(options, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) {
    throw new CliError('ARGUMENT_INVALID', `--${toFlag(name)} takes a whole number, not "${text}".`);
  }
  return Number(text);
}

export function readText(options: Record<string, unknown>, name: string): string | undefined {
  const text = options[name];
  return typeof text === 'string' ? text : undefined;
}

/** The values of an option that may be repeated, each once. */
export function readTexts(options: Record<string, unknown>, name: string): string[] {
  const texts = options[name];
  return Array.isArray(texts) ? [...new Set(texts.filter((text) => typeof text === 'string'))] : [];
}

export function readChoice<const Choices extends readonly string[]>(
  options: Record<string, unknown>,
  name: string,
  choices: Choices,
): Choices[number] | undefined {
  const text = readText(options, name);
  if (text === undefined) return undefined;
  if (!choices.includes(text)) {
    throw new CliError(
      'ARGUMENT_INVALID',
      `--${toFlag(name)} takes one of ${choices.join(', ')}, not "${text}".`,
    );
  }
  return text;
}

/** Gathers the values of an option that may be repeated; absent where it was never given. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function toFlag(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `--address`: an origin such as https://host:8443. */
export function readServerAddress(options: Record<string, unknown>): string | undefined {
  const text = readText(options, 'address');
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' && url.pathname === '/' && url.search + url.hash + url.username === '')
    return url.origin;
  throw new CliError('ARGUMENT_INVALID', `--address takes an address like https://host:8443, not "${text}".`);
}
