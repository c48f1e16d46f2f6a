import {
  type Command as IssuedCommand,
  type CommandTarget,
  type CommandType,
  describeGiven,
  parameterFieldsOf,
  readResult,
  type ResultFact,
} from '@holdfast/api';
import { formatBytes } from './device-text.ts';
import { formatDuration } from '../output/duration.ts';
import { formatFacts, formatTable } from '../output/table.ts';

/** A device may report 64 KiB of anything. */
const MAX_OTHERS = 20;
const MAX_OTHER_CHARACTERS = 200;

/** What the command was given, by the names that `--set` takes, and in words where those say more; empty where it was given nothing. */
export function formatParameters({ parameters }: IssuedCommand, type: CommandType | undefined): string {
  const given = describeGiven(parameterFieldsOf(type?.parametersSchema ?? {}), parameters, formatDuration);
  return formatFacts(
    given.map(({ name, text }) => {
      const value = parameters[name];
      const told = typeof value === 'string' ? value : JSON.stringify(value);
      return [name, told === text ? told : `${told} (${text})`];
    }),
  );
}

/** What a device reported, as the schema of its command means it, and the rest as it is. */
export function formatResult({ result }: CommandTarget, type: CommandType | undefined): string {
  if (result === null) return '';
  const { facts, others } = readResult(type?.resultSchema, result);
  const lines = facts.flatMap((fact) =>
    fact.kind === 'checks' ? [] : [[fact.title, describeFact(fact)] as const],
  );
  const rest = Object.entries(others).map(([name, value]) => [name, cut(JSON.stringify(value))] as const);
  const omittedCount = rest.length - MAX_OTHERS;
  return [
    formatFacts([...lines, ...rest.slice(0, MAX_OTHERS)]),
    ...facts.map((fact) => (fact.kind === 'checks' ? formatChecks(fact) : '')),
    omittedCount > 0 ? `And ${omittedCount} more values: --json shows them.\n` : '',
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function formatChecks({ checks, omittedCount }: Extract<ResultFact, { readonly kind: 'checks' }>): string {
  const table = formatTable(
    [
      { title: 'check', value: (row) => row.name },
      { title: 'state', value: (row) => row.stateText },
      { title: 'found', value: (row) => row.text },
    ],
    checks,
  );
  return omittedCount === 0 ? table : `${table}And ${omittedCount} more: --json shows them.\n`;
}

function describeFact(fact: Exclude<ResultFact, { readonly kind: 'checks' }>): string {
  switch (fact.kind) {
    case 'text':
      return fact.text;
    case 'number':
      return `${fact.value}${fact.unit === undefined ? '' : ` ${fact.unit}`}`;
    case 'bytes':
      return formatBytes(fact.bytes);
    case 'duration':
      return formatDuration(fact.durationMs);
    case 'instant':
      return fact.at;
    case 'list':
      return [...fact.items, ...(fact.omittedCount === 0 ? [] : [`and ${fact.omittedCount} more`])].join(
        ', ',
      );
  }
}

function cut(text: string): string {
  return text.length > MAX_OTHER_CHARACTERS ? `${text.slice(0, MAX_OTHER_CHARACTERS)}…` : text;
}
