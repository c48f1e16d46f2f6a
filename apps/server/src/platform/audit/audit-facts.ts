import type { AuditFacts, AuditRecord } from './audit.ts';

/** Where an entry keeps the facts that name other objects. No detail is called so. */
const ELSEWHERE = 'elsewhere';

/** Facts of entries that were written before they were kept apart, by name. */
const FORMER_DEVICE_FACTS: ReadonlySet<string> = new Set(['sameHardwareAs']);
const FORMER_GROUP_FACTS: ReadonlySet<string> = new Set(['from', 'to']);

/** The details of an entry as they are written: what names other objects apart from the rest. */
export function toStoredDetails({
  details = {},
  elsewhere = [],
}: Pick<AuditRecord, 'details' | 'elsewhere'>): Readonly<Record<string, unknown>> {
  if (ELSEWHERE in details) throw new TypeError(`"details" must not have "${ELSEWHERE}"`);
  return elsewhere.length === 0 ? details : { ...details, [ELSEWHERE]: elsewhere };
}

/** What the facts of an entry are about. */
export function listSubjects(action: string, stored: unknown): AuditFacts['about'][] {
  return splitDetails(action, stored).elsewhere.map(({ about }) => about);
}

/**
 * The details for one reader, flat.
 *
 * @param maySee undefined for who may see everything
 */
export function toShownDetails(
  action: string,
  stored: unknown,
  maySee: ((about: AuditFacts['about']) => boolean) | undefined,
): Record<string, unknown> {
  const { details, elsewhere } = splitDetails(action, stored);
  const shown = maySee === undefined ? elsewhere : elsewhere.filter(({ about }) => maySee(about));
  return Object.assign({}, details, ...shown.map(({ facts }) => facts)) as Record<string, unknown>;
}

function splitDetails(
  action: string,
  stored: unknown,
): { readonly details: Record<string, unknown>; readonly elsewhere: readonly AuditFacts[] } {
  // The database holds it to an object.
  const { [ELSEWHERE]: kept, ...rest } = stored as Record<string, unknown>;
  // Written by `toStoredDetails` and by nothing else; the chain shows that nobody has changed it.
  const elsewhere = [...((kept ?? []) as AuditFacts[])];
  const details: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(rest)) {
    if (FORMER_DEVICE_FACTS.has(name))
      elsewhere.push({ about: { kind: 'device', id: String(value) }, facts: { [name]: value } });
    else if (action.endsWith('.moved') && FORMER_GROUP_FACTS.has(name))
      // Of which group it was is not known any more.
      elsewhere.push({ about: { kind: 'group', id: '' }, facts: { [name]: value } });
    else details[name] = value;
  }
  return { details, elsewhere };
}
