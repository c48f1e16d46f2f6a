import type { AuditAction, Permission } from '@holdfast/api';
import { isDeepStrictEqual } from 'node:util';
import type { TSchema } from 'typebox';
import { Check } from 'typebox/value';
import { GroupSettingsError } from './group-settings.errors.ts';
import {
  type FieldName,
  type GroupSayings,
  inherit,
  listFields,
  type SayingsByGroup,
} from './inheritance.ts';

/** One kind of settings that groups inherit: its name, and a form for each of its fields. */
export interface SettingsDefinition<Values extends object> {
  /** Under which it is stored. */
  readonly kind: string;
  readonly fields: { readonly [Name in FieldName<Values>]: SettingsField };
  /** What a caller needs at a group to see what holds there, and to change what it says. */
  readonly permissions: { readonly read: Permission; readonly edit: Permission };
  /** As what a change of it stands in the audit log. */
  readonly auditAction: AuditAction;
}

export interface SettingsField {
  /** Of a value that a group says. */
  readonly schema: TSchema;
  /** Names it in a sentence, e.g. `heartbeat interval`. */
  readonly title: string;
}

const KIND = /^[a-z][a-z0-9-]{0,63}$/u;

/** @throws RangeError when the kind has no proper name */
export function defineGroupSettings<Values extends object>(
  definition: SettingsDefinition<Values>,
): SettingsDefinition<Values> {
  if (!KIND.test(definition.kind)) throw new RangeError(`"${definition.kind}" names no kind of settings`);
  return definition;
}

/** What is stored, as far as this version can read it: what a newer one wrote otherwise is inherited until it can be read. */
export function readStored<Values extends object>(
  { fields }: SettingsDefinition<Values>,
  stored: { readonly value: unknown; readonly locked: readonly string[] },
): Pick<GroupSayings<Values>, 'own' | 'locked'> {
  const value = (stored.value ?? {}) as Readonly<Record<string, unknown>>;
  const readable = listFields(fields).filter(
    (name) => Object.hasOwn(value, name) && Check(fields[name].schema, value[name]),
  );
  return {
    // Each was checked against the schema of its field.
    own: Object.fromEntries(readable.map((name) => [name, value[name]])) as Partial<Values>,
    locked: readable.filter((name) => stored.locked.includes(name)),
  };
}

/** What a group is to say. */
export type Saying<Values extends object> = Pick<GroupSayings<Values>, 'own' | 'locked'>;

/** @throws GroupSettingsError GROUP_SETTING_INVALID, GROUP_SETTING_LOCK_EMPTY */
export function assertWellFormed<Values extends object>(
  { fields, kind }: SettingsDefinition<Values>,
  { own, locked }: Saying<Values>,
): void {
  for (const [name, value] of Object.entries(own)) {
    const field = Object.hasOwn(fields, name) ? fields[name as FieldName<Values>] : undefined;
    if (field !== undefined && Check(field.schema, value)) continue;
    throw new GroupSettingsError(
      'GROUP_SETTING_INVALID',
      `"${name}" is no setting of the kind ${kind}, or does not have this value.`,
    );
  }
  const empty = locked.find((name) => own[name] === undefined);
  if (empty === undefined) return;
  const title = Object.hasOwn(fields, empty) ? fields[empty].title : empty;
  throw new GroupSettingsError(
    'GROUP_SETTING_LOCK_EMPTY',
    `The ${title} cannot be locked, because the group says nothing of it itself.`,
    { facts: { field: empty }, remedy: 'Give it a value of its own in this group, then lock it.' },
  );
}

/**
 * What a group above locks may be left as it was said, without effect, or be dropped; nothing new is said of it.
 *
 * @throws GroupSettingsError GROUP_SETTING_LOCKED
 */
export function assertNotLocked<Values extends object>(
  { fields }: SettingsDefinition<Values>,
  place: {
    readonly path: readonly string[];
    readonly sayings: SayingsByGroup<Values>;
    readonly fallback: Values;
  },
  saying: Saying<Values>,
): void {
  const { path, sayings, fallback } = place;
  const { locks } = inherit(path.slice(0, -1), sayings, fallback);
  const before = sayings.get(path.at(-1) ?? '');
  for (const name of listFields(fields)) {
    const value = saying.own[name];
    if (locks[name] === undefined || value === undefined) continue;
    const isNewlyLocked = saying.locked.includes(name) && before?.locked.includes(name) !== true;
    if (isDeepStrictEqual(value, before?.own[name]) && !isNewlyLocked) continue;
    throw new GroupSettingsError(
      'GROUP_SETTING_LOCKED',
      `The ${fields[name].title} is locked by a group above, so this group cannot say something else.`,
      {
        facts: { field: name },
        remedy: 'Leave it as it is, or let somebody who may change that group unlock it.',
      },
    );
  }
}
