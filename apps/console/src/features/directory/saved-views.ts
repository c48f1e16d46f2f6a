import { foldName } from '@holdfast/kernel';
import { type DeviceColumn, parseColumns } from './device-columns.ts';
import { type DirectorySearch, parseDirectorySearch } from './directory-search.ts';

/** A way to look at the device list that somebody gave a name: filters, order and columns. */
export interface SavedView {
  readonly name: string;
  readonly search: DirectorySearch;
  readonly columns: readonly DeviceColumn[];
}

/** What becomes of the views as they are at that time. */
export type ViewChange = (now: readonly SavedView[]) => readonly SavedView[];

export const maxSavedViews = 50;
const maxNameLength = 128;

/** What was remembered, made whole: what is no view is dropped, and so is what a view says that is not known. */
export function parseSavedViews(stored: unknown): readonly SavedView[] {
  if (!Array.isArray(stored)) return [];
  const views = stored.flatMap((item: unknown) => {
    if (!isRecord(item) || typeof item['name'] !== 'string') return [];
    const name = item['name'].trim().slice(0, maxNameLength);
    const { search } = item;
    if (name === '' || !isRecord(search)) return [];
    return [{ name, search: parseDirectorySearch(search), columns: parseColumns(item['columns']) }];
  });
  return views.reduce(withView, [] as readonly SavedView[]);
}

/** By name; one of the same name gives way, without regard to capitals. */
export function withView(views: readonly SavedView[], view: SavedView): readonly SavedView[] {
  return [...withoutView(views, view.name), view]
    .toSorted((first, second) => first.name.localeCompare(second.name))
    .slice(0, maxSavedViews);
}

export function withoutView(views: readonly SavedView[], name: string): readonly SavedView[] {
  return views.filter((view) => !isSameName(view.name, name));
}

/** Takes back that a view was saved: one of its name that gave way for it is there again. */
export function undoSave(name: string, former: SavedView | undefined): ViewChange {
  return (now) => (former === undefined ? withoutView(now, name) : withView(now, former));
}

/** Takes back that a view was removed, and nothing of what happened since. */
export function undoRemoval(view: SavedView): ViewChange {
  return (now) => withView(now, view);
}

export function findView(views: readonly SavedView[], name: string): SavedView | undefined {
  return views.find((view) => isSameName(view.name, name));
}

/** The view that shows just this. */
export function findOpenView(
  views: readonly SavedView[],
  search: DirectorySearch,
  columns: readonly DeviceColumn[],
): SavedView | undefined {
  return views.find((view) => isSame(view.search, search) && view.columns.join() === columns.join());
}

function isSame(first: DirectorySearch, second: DirectorySearch): boolean {
  return JSON.stringify(partsOf(first)) === JSON.stringify(partsOf(second));
}

function partsOf(search: DirectorySearch): readonly [string, unknown][] {
  return Object.entries(search).toSorted(([first], [second]) => first.localeCompare(second));
}

function isSameName(first: string, second: string): boolean {
  return foldName(first) === foldName(second);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
