import { wordsOf } from '@holdfast/kernel';
import { timeUnitMsOf } from './command-fields.ts';
import { isJsonObject, type JsonSchema, schemaChoicesOf, textOf } from './schema-reading.ts';

export const checkStates = ['ok', 'warning', 'failed'] as const;
export type CheckState = (typeof checkStates)[number];

/** One thing that a device has looked at about itself. */
export interface ResultCheck {
  readonly name: string;
  /** Undefined: the device says something that nobody here knows. */
  readonly state: CheckState | undefined;
  /** The state in words. */
  readonly stateText: string;
  readonly text: string;
}

/** One value of a result as people read it. */
export type ResultFact = { readonly name: string; readonly title: string } & (
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number; readonly unit: string | undefined }
  | { readonly kind: 'bytes'; readonly bytes: number }
  | { readonly kind: 'duration'; readonly durationMs: number }
  | { readonly kind: 'instant'; readonly at: string }
  | { readonly kind: 'list'; readonly items: readonly string[]; readonly omittedCount: number }
  /** The worst first. */
  | { readonly kind: 'checks'; readonly checks: readonly ResultCheck[]; readonly omittedCount: number }
);

export interface ReadResult {
  /** In the order of the schema. */
  readonly facts: readonly ResultFact[];
  /** What the schema does not know, or what is not as it says. */
  readonly others: Readonly<Record<string, unknown>>;
}

/** Far more than any agent of ours reports; a device that says more is cut off and does not fill a page. */
const MAX_ITEMS = 100;
const MAX_TEXT_CHARACTERS = 500;
/** Beyond this there are no dates. */
const MAX_INSTANT_MS = 8.64e15;

/**
 * Reads what a device reported with the schema of its command. Results come from devices and nobody has checked them, so each
 * value is looked at before it is used; one that does not fit is told among the others, as it is.
 *
 * @param schema JSON Schema of the result, as the server lists it; undefined for a command that it does not know
 */
export function readResult(
  schema: JsonSchema | undefined,
  result: Readonly<Record<string, unknown>>,
): ReadResult {
  const properties = isJsonObject(schema?.['properties']) ? schema['properties'] : {};
  const facts: ResultFact[] = [];
  const told = new Set<string>();
  for (const [name, property] of Object.entries(properties)) {
    if (!isJsonObject(property)) continue;
    if (property['isDetail'] === true) {
      told.add(name);
      continue;
    }
    const value = readValue(property, result[name]);
    if (value === undefined) continue;
    told.add(name);
    facts.push({ name, title: textOf(property['title']) ?? wordsOf(name), ...value });
  }
  const others = Object.entries(result).filter(([name]) => !told.has(name));
  return { facts, others: Object.fromEntries(others) };
}

type FactValue = ResultFact extends infer Fact
  ? Fact extends ResultFact
    ? Omit<Fact, 'name' | 'title'>
    : never
  : never;

/** Undefined: the value is not as its schema says. */
function readValue(property: JsonSchema, value: unknown): FactValue | undefined {
  if (property['type'] === 'array') return readList(property, value);
  if (property['type'] === 'integer' || property['type'] === 'number') return readNumber(property, value);
  const text = readText(property, value);
  return text === undefined ? undefined : { kind: 'text', text };
}

function readNumber(property: JsonSchema, value: unknown): FactValue | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  if (property['form'] === 'instant') {
    if (Math.abs(value) > MAX_INSTANT_MS) return undefined;
    return { kind: 'instant', at: new Date(value).toISOString() };
  }
  const unitMs = timeUnitMsOf(property);
  if (unitMs !== undefined) return value < 0 ? undefined : { kind: 'duration', durationMs: value * unitMs };
  const unit = textOf(property['unit']);
  if (unit === 'B') return value < 0 ? undefined : { kind: 'bytes', bytes: value };
  return { kind: 'number', value, unit };
}

/** What is not among the choices comes from a newer agent and is shown as it is. */
function readText(property: JsonSchema, value: unknown): string | undefined {
  if (typeof value === 'boolean' && property['type'] === 'boolean')
    return textOf(property[value ? 'whenTrue' : 'whenFalse']) ?? (value ? 'yes' : 'no');
  const choices = schemaChoicesOf(property);
  if (typeof value !== 'string' || (property['type'] !== 'string' && choices.length === 0)) return undefined;
  if (value === '') return textOf(property['whenEmpty']);
  return choices.find((choice) => choice.value === value)?.label ?? cut(value);
}

function readList(property: JsonSchema, value: unknown): FactValue | undefined {
  if (!Array.isArray(value)) return undefined;
  const whenEmpty = textOf(property['whenEmpty']);
  if (value.length === 0 && whenEmpty !== undefined) return { kind: 'text', text: whenEmpty };
  const items: JsonSchema = isJsonObject(property['items']) ? property['items'] : {};
  const kept: unknown[] = value.slice(0, MAX_ITEMS);
  const omittedCount = value.length - kept.length;
  if (property['form'] === 'checks') {
    const checks = kept.map((item) => readCheck(items, item));
    return checks.every((check) => check !== undefined)
      ? { kind: 'checks', checks: checks.toSorted(compareChecks), omittedCount }
      : undefined;
  }
  const texts = kept.map((item) => readItem(items, item));
  return texts.every((text) => text !== undefined) ? { kind: 'list', items: texts, omittedCount } : undefined;
}

/** A text, or an object as its first member, and the others in brackets: "anna (terminal, desktop)". */
function readItem(schema: JsonSchema, value: unknown): string | undefined {
  const properties = schema['properties'];
  if (!isJsonObject(properties)) return readText(schema, value);
  if (!isJsonObject(value)) return undefined;
  const [first, ...others] = Object.entries(properties).flatMap(([name, property]) => {
    if (!isJsonObject(property)) return [];
    const read = readValue(property, value[name]);
    if (read?.kind === 'text') return [read.text];
    return read?.kind === 'list' ? [read.items.join(', ')] : [];
  });
  if (first === undefined) return undefined;
  const rest = others.filter((text) => text !== '');
  return cut(rest.length === 0 ? first : `${first} (${rest.join('; ')})`);
}

function readCheck(schema: JsonSchema, value: unknown): ResultCheck | undefined {
  if (!isJsonObject(value)) return undefined;
  const { name, state, text } = value;
  if (typeof name !== 'string' || typeof state !== 'string') return undefined;
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const stateSchema = isJsonObject(properties['state']) ? properties['state'] : {};
  return {
    name: wordsOf(cut(name)),
    state: checkStates.find((known) => known === state),
    stateText: readText(stateSchema, state) ?? cut(state),
    text: typeof text === 'string' ? cut(text) : '',
  };
}

function compareChecks(first: ResultCheck, second: ResultCheck): number {
  return rankOf(second) - rankOf(first);
}

function rankOf({ state }: ResultCheck): number {
  return state === undefined ? -1 : checkStates.indexOf(state);
}

function cut(text: string): string {
  return text.length > MAX_TEXT_CHARACTERS ? `${text.slice(0, MAX_TEXT_CHARACTERS)}…` : text;
}
