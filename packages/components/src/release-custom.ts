import { isPrintableText } from '@holdfast/kernel';
import {
  type ComponentDependency,
  type ComponentDescription,
  componentKinds,
  programHandler,
} from './component.ts';
import { ComponentError } from './component.errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './metadata/index.ts';
import { isComponentId } from './target-path.ts';

/** What stands as `custom` at the full file of a release. */
export interface ReleaseCustom {
  readonly component: ComponentDescription;
  readonly release: number;
  readonly version: string;
  readonly isUrgent: boolean;
}

/** What stands as `custom` at an increment. */
export interface IncrementCustom {
  readonly component: string;
  readonly release: number;
  readonly from: number;
  readonly encoding: string;
}

/** A publisher knows every member that it writes. A reader may be older than the publisher. */
export interface CustomReading {
  readonly unknownMembers: 'refuse' | 'ignore';
}

const MAX_TITLE = 100;
const MAX_VERSION = 64;
const MAX_PLATFORMS = 32;
const MAX_DEPENDENCIES = 32;
const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
const PLATFORM = /^[a-z][a-z0-9]{0,31}(?:-[a-z][a-z0-9]{0,31})?$/;

/**
 * @throws ComponentError COMPONENT_INVALID
 */
export function parseReleaseCustom(value: unknown, reading: CustomReading): ReleaseCustom {
  const custom = readMembers(value, 'The release', ['component', 'release', 'version', 'urgent'], reading);
  const { urgent } = custom;
  if (urgent !== undefined && urgent !== true) throw invalid('"urgent" can only be true');
  return {
    component: parseComponentDescription(custom['component'], reading),
    release: readRelease(custom['release'], '"release"'),
    version: readPrintable(custom['version'], '"version"', MAX_VERSION),
    isUrgent: urgent === true,
  };
}

/** @throws ComponentError COMPONENT_INVALID */
export function parseIncrementCustom(value: unknown, reading: CustomReading): IncrementCustom {
  const custom = readMembers(value, 'The increment', ['component', 'release', 'from', 'encoding'], reading);
  const release = readRelease(custom['release'], '"release"');
  const from = readRelease(custom['from'], '"from"');
  if (!(from < release)) throw invalid('"from" is not before "release"');
  return {
    component: readId(custom['component'], '"component"'),
    release,
    from,
    encoding: readName(custom['encoding'], '"encoding"'),
  };
}

/** @throws ComponentError COMPONENT_INVALID */
export function parseComponentDescription(value: unknown, reading: CustomReading): ComponentDescription {
  const members = ['id', 'kind', 'title', 'platforms', 'handler', 'dependencies'];
  const description = readMembers(value, 'The component', members, reading);
  const kind = componentKinds.find((known) => known === description['kind']);
  if (kind === undefined) throw invalid(`"kind" is none of ${componentKinds.join(', ')}`);
  const platforms = readItems(description['platforms'], '"platforms"', MAX_PLATFORMS).map((item) => {
    if (typeof item !== 'string' || !PLATFORM.test(item)) throw invalid('a platform is none');
    return item;
  });
  if (platforms.length === 0 || new Set(platforms).size !== platforms.length)
    throw invalid('"platforms" is empty, or names one twice');
  const handler = readName(description['handler'], '"handler"');
  // Who may sign a program is decided by its kind, and what is run by its handler: the one never goes without the other.
  if (handler === programHandler && kind !== 'program')
    throw invalid(`"handler" is ${programHandler}, and "kind" is not "program"`);
  return {
    id: readId(description['id'], '"id"'),
    kind,
    title: readPrintable(description['title'], '"title"', MAX_TITLE),
    platforms,
    handler,
    dependencies: readDependencies(description['dependencies'], reading),
  };
}

/** Inverse of {@link parseReleaseCustom}. */
export function formatReleaseCustom({ component, release, version, isUrgent }: ReleaseCustom): JsonObject {
  const { id, kind, title, platforms, handler, dependencies } = component;
  return {
    component: {
      id,
      kind,
      title,
      platforms,
      handler,
      dependencies: dependencies.map((one) => ({
        component: one.component,
        ...(one.release === undefined ? {} : { release: one.release }),
      })),
    },
    release,
    version,
    ...(isUrgent ? { urgent: true } : {}),
  };
}

/** Inverse of {@link parseIncrementCustom}. */
export function formatIncrementCustom({ component, release, from, encoding }: IncrementCustom): JsonObject {
  return { component, release, from, encoding };
}

function readDependencies(value: unknown, reading: CustomReading): readonly ComponentDependency[] {
  const dependencies = readItems(value, '"dependencies"', MAX_DEPENDENCIES).map(
    (item): ComponentDependency => {
      const dependency = readMembers(item, 'A dependency', ['component', 'release'], reading);
      const component = readId(dependency['component'], 'the component of a dependency');
      const { release } = dependency;
      return release === undefined
        ? { component }
        : { component, release: readRelease(release, 'the release of a dependency') };
    },
  );
  if (new Set(dependencies.map(({ component }) => component)).size !== dependencies.length)
    throw invalid('"dependencies" names one component twice');
  return dependencies;
}

function readMembers(
  value: unknown,
  what: string,
  known: readonly string[],
  { unknownMembers }: CustomReading,
): JsonObject {
  if (!isJsonObject(value as JsonValue | undefined)) throw invalid(`${what} is no object`);
  const object = value as JsonObject;
  const unknown = Object.keys(object).find((name) => !known.includes(name));
  if (unknown !== undefined && unknownMembers === 'refuse')
    throw invalid(`${what} has a member that nobody knows: "${unknown.slice(0, MAX_VERSION)}"`);
  return object;
}

function readItems(value: unknown, what: string, maxItems: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length > maxItems)
    throw invalid(`${what} is no list of up to ${maxItems}`);
  return value;
}

function readRelease(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1)
    throw invalid(`${what} is no integer from 1 on`);
  return value;
}

function readPrintable(value: unknown, what: string, maxCharacters: number): string {
  if (typeof value !== 'string' || value.length > maxCharacters || !isPrintableText(value))
    throw invalid(`${what} is no printable text of up to ${maxCharacters} characters`);
  return value;
}

function readId(value: unknown, what: string): string {
  if (typeof value !== 'string' || !isComponentId(value)) throw invalid(`${what} is no id of a component`);
  return value;
}

function readName(value: unknown, what: string): string {
  if (typeof value !== 'string' || !NAME.test(value)) throw invalid(`${what} is no name`);
  return value;
}

function invalid(what: string): ComponentError {
  return new ComponentError('COMPONENT_INVALID', `This cannot be a component: ${what}.`, {
    remedy:
      'An id, a handler and an encoding are lower-case letters, digits and hyphens; a release is a positive integer; a version has up to 64 printable characters.',
  });
}
