import { decodeUtf8 } from '@holdfast/kernel';
import { ComponentError } from '../component.errors.ts';

/** What metadata are made of. There are no fractions: canonical JSON has none, and two readers round them differently. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** Without a prototype, so that a member called `__proto__` is a member. */
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// A root, with its keys, is five levels deep; `custom` may be a few more.
const MAX_DEPTH = 24;
const INTEGER = /-?(?:0|[1-9][0-9]{0,15})(?![0-9.eE])/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const HEX4 = /[0-9a-fA-F]{4}/y;
const BLANK = /[ \t\n\r]*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * JSON (RFC 8259) that can be understood in one way only. Refused beside malformed text: a member that stands twice, of
 * which `JSON.parse` would silently take the last; numbers that are no safe integers; half a surrogate pair; more than
 * 24 levels. The caller bounds the length.
 *
 * @throws ComponentError METADATA_UNREADABLE
 */
export function parseJson(bytes: Uint8Array): JsonValue {
  const text = decodeUtf8(bytes);
  if (text === undefined) throw unreadable('is not UTF-8');
  return readJson(text);
}

function readJson(text: string): JsonValue {
  let place = 0;

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = place;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) place += found.length;
    return found;
  };
  const skipBlank = (): void => void take(BLANK);
  const fail = (what: string): ComponentError => unreadable(`${what} at character ${place}`);
  const expect = (character: string): void => {
    if (text[place] !== character) throw fail(`lacks "${character}"`);
    place += 1;
  };
  const word = <Value>(spelling: string, value: Value): Value => {
    if (!text.startsWith(spelling, place)) throw fail('has an unknown word');
    place += spelling.length;
    return value;
  };

  function readString(): string {
    expect('"');
    let value = '';
    for (;;) {
      value += take(PLAIN) ?? '';
      const next = text[place];
      place += 1;
      if (next === '"') break;
      if (next !== '\\') throw fail('has a text without an end or with a control character');
      const escape = text[place] ?? '';
      place += 1;
      if (escape === 'u') {
        const code = take(HEX4);
        if (code === undefined) throw fail('has a broken escape');
        value += String.fromCharCode(Number.parseInt(code, 16));
      } else {
        const character = ESCAPES[escape];
        if (character === undefined) throw fail('has an unknown escape');
        value += character;
      }
    }
    if (!value.isWellFormed()) throw fail('has half a character');
    return value;
  }

  function readNumber(): number {
    const value = Number(take(INTEGER) ?? Number.NaN);
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw fail('has no safe integer');
    return value;
  }

  function readList(depth: number): readonly JsonValue[] {
    expect('[');
    const list: JsonValue[] = [];
    skipBlank();
    if (text[place] !== ']') {
      for (;;) {
        list.push(readValue(depth));
        if (text[place] !== ',') break;
        place += 1;
      }
    }
    expect(']');
    return list;
  }

  function readObject(depth: number): JsonObject {
    expect('{');
    const object = Object.create(null) as Record<string, JsonValue>;
    skipBlank();
    if (text[place] !== '}') {
      for (;;) {
        skipBlank();
        const name = readString();
        if (name in object) throw fail('has a member twice');
        skipBlank();
        expect(':');
        object[name] = readValue(depth);
        if (text[place] !== ',') break;
        place += 1;
      }
    }
    expect('}');
    return object;
  }

  function readValue(outer: number): JsonValue {
    const depth = outer + 1;
    if (depth > MAX_DEPTH) throw fail('is nested too deeply');
    skipBlank();
    const value = readAny(text[place], depth);
    skipBlank();
    return value;
  }

  function readAny(first: string | undefined, depth: number): JsonValue {
    switch (first) {
      case '{':
        return readObject(depth);
      case '[':
        return readList(depth);
      case '"':
        return readString();
      case 't':
        return word('true', true);
      case 'f':
        return word('false', false);
      case 'n':
        return word('null', null);
      default:
        return readNumber();
    }
  }

  const value = readValue(0);
  if (place !== text.length) throw fail('goes on after its end');
  return value;
}

function unreadable(what: string): ComponentError {
  return new ComponentError('METADATA_UNREADABLE', `The JSON of the metadata ${what}.`);
}
