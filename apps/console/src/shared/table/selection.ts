/** Rows chosen in a list: some by their ids, or all that match the filter, loaded or not. */
export type Selection =
  | { readonly kind: 'some'; readonly ids: ReadonlySet<string> }
  | { readonly kind: 'all' };

export const emptySelection: Selection = { kind: 'some', ids: new Set() };

export function isSelected(selection: Selection, id: string): boolean {
  return selection.kind === 'all' || selection.ids.has(id);
}

export function isEmptySelection(selection: Selection): boolean {
  return selection.kind === 'some' && selection.ids.size === 0;
}

/** Taking one row out of "all" leaves the loaded rows without it: a filter cannot say "all but these". */
export function toggleRow(selection: Selection, id: string, loadedIds: readonly string[]): Selection {
  const ids = new Set(selection.kind === 'all' ? loadedIds : selection.ids);
  if (isSelected(selection, id)) ids.delete(id);
  else ids.add(id);
  return { kind: 'some', ids };
}

/** Adds every loaded row between the two, both included; an anchor that is gone counts as the row itself. */
export function selectRange(
  selection: Selection,
  anchorId: string | undefined,
  id: string,
  loadedIds: readonly string[],
): Selection {
  if (selection.kind === 'all') return selection;
  const to = loadedIds.indexOf(id);
  const anchor = anchorId === undefined ? -1 : loadedIds.indexOf(anchorId);
  const from = anchor === -1 ? to : anchor;
  const ids = new Set(selection.ids);
  for (const between of loadedIds.slice(Math.min(from, to), Math.max(from, to) + 1)) ids.add(between);
  return { kind: 'some', ids };
}

export function toggleLoaded(selection: Selection, loadedIds: readonly string[]): Selection {
  if (headStateOf(selection, loadedIds) === 'all') return emptySelection;
  return { kind: 'some', ids: new Set(loadedIds) };
}

/** What the checkbox above the list shows. */
export function headStateOf(selection: Selection, loadedIds: readonly string[]): 'none' | 'some' | 'all' {
  if (selection.kind === 'all') return 'all';
  if (selection.ids.size === 0) return 'none';
  return loadedIds.length > 0 && loadedIds.every((id) => selection.ids.has(id)) ? 'all' : 'some';
}
