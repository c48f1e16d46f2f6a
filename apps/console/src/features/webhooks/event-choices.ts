import { auditObjectText, type EventTypeDescription } from '@holdfast/api';

/** One thing that a webhook can be told to send. */
export interface EventChoice {
  /** `*`, `device.*` or `device.moved`. */
  readonly value: string;
  readonly label: string;
}

export interface EventChoiceGroup {
  /** A kind of object in words: "Device". */
  readonly group: string;
  readonly items: readonly EventChoice[];
}

/** What nobody chooses: it is sent when somebody asks for it. */
const testEvent = 'webhook.tested';

/**
 * What can be chosen, by kind of object: all of it first.
 *
 * @param permissions of the one who chooses: what they may not read is not offered
 * @param allText says "everything about" a kind
 */
export function eventChoices(
  types: readonly EventTypeDescription[],
  permissions: readonly string[],
  allText: (kind: string) => string,
): readonly EventChoiceGroup[] {
  const offered = types.filter(
    ({ type, permission }) => type !== testEvent && permissions.includes(permission),
  );
  const byKind = Map.groupBy(offered, ({ type }) => type.slice(0, type.lastIndexOf('.')));
  return [...byKind]
    .map(([kind, members]) => {
      const group = auditObjectText(kind);
      const all = { value: `${kind}.*`, label: allText(group) };
      return {
        group,
        items: [all, ...members.map(({ type, title }) => ({ value: type, label: title }))],
      };
    })
    .toSorted((one, other) => one.group.localeCompare(other.group));
}

/** In words; a pattern that this console does not know as it is. */
export function eventText(
  pattern: string,
  types: readonly EventTypeDescription[],
  texts: { readonly everything: string; readonly all: (kind: string) => string },
): string {
  if (pattern === '*') return texts.everything;
  if (pattern.endsWith('.*')) return texts.all(auditObjectText(pattern.slice(0, -2)));
  return types.find(({ type }) => type === pattern)?.title ?? pattern;
}
