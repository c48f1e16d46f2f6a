import { Checkbox } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconArrowDown, IconArrowUp } from '../icons/icons.ts';
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useEffectEvent,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import { DataTableRow } from './data-table-row.tsx';
import type { TableColumn } from './table-column.ts';
import classes from './data-table.module.css';
import {
  headStateOf,
  isSelected,
  type Selection,
  selectRange,
  toggleLoaded,
  toggleRow,
} from './selection.ts';

export interface TableSort {
  readonly by: string;
  readonly order: 'ascending' | 'descending';
}

export interface DataTableProps<Row> {
  /** Name of the table for screen readers. */
  readonly label: string;
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
  readonly rowId: (row: Row) => string;
  readonly rowName: (row: Row) => string;
  /** How a row looks where there is no room for columns. */
  readonly narrowRow: (row: Row) => ReactNode;
  readonly narrowRowHeight?: number;
  readonly rowHeight?: number;
  readonly onOpen?: ((row: Row) => void) | undefined;
  readonly activeId?: string | undefined;
  readonly sort?: TableSort | undefined;
  readonly onSort?: ((by: string) => void) | undefined;
  readonly selection?: Selection | undefined;
  readonly onSelect?: ((selection: Selection) => void) | undefined;
  readonly changedIds?: ReadonlySet<string> | undefined;
  /** Rows in all, loaded or not; absent while unknown. */
  readonly totalCount?: number | undefined;
  readonly onEndReached?: (() => void) | undefined;
  readonly onVisible?: ((first: number, last: number) => void) | undefined;
  /** How far down the list begins, in pixels: where it was left before. */
  readonly firstOffset?: number | undefined;
  readonly onScroll?: ((offset: number) => void) | undefined;
  /** Below the last row, e.g. that more is loading. */
  readonly foot?: ReactNode;
  /** In a page that scrolls as a whole: as high as its rows, up to most of the window. */
  readonly isEmbedded?: boolean;
}

const overscan = 12;
const headHeight = 36;

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { columns, rows, rowId, rowName, onOpen, selection, onSelect, onEndReached, onVisible } = props;
  const { t } = useTranslation('common');
  const isNarrow = useMediaQuery('(max-width: 48em)') ?? false;
  const scroller = useRef<HTMLDivElement>(null);
  const anchorId = useRef<string>(undefined);
  const [activeIndex, setActiveIndex] = useState(0);
  const rowHeight = isNarrow ? (props.narrowRowHeight ?? 60) : (props.rowHeight ?? 40);
  const headSpace = isNarrow ? 0 : headHeight;

  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan,
    scrollPaddingStart: headSpace,
    initialOffset: props.firstOffset ?? 0,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : rowId(row);
    },
  });
  useEffect(() => virtualizer.measure(), [virtualizer, rowHeight]);

  const items = virtualizer.getVirtualItems();
  const firstIndex = items[0]?.index ?? 0;
  const lastIndex = items.at(-1)?.index ?? 0;
  const reportVisible = useEffectEvent((first: number, last: number) => {
    onVisible?.(first, last);
    if (last >= rows.length - overscan - 1) onEndReached?.();
  });
  useEffect(() => reportVisible(firstIndex, lastIndex), [firstIndex, lastIndex, rows.length]);

  const loadedIds = (): string[] => rows.map(rowId);
  const select = (row: Row, isRange: boolean): void => {
    if (selection === undefined || onSelect === undefined) return;
    const id = rowId(row);
    onSelect(
      isRange
        ? selectRange(selection, anchorId.current, id, loadedIds())
        : toggleRow(selection, id, loadedIds()),
    );
    anchorId.current = id;
  };

  const focusRow = (index: number): void => {
    const next = Math.max(0, Math.min(rows.length - 1, index));
    setActiveIndex(next);
    virtualizer.scrollToIndex(next, { align: 'auto' });
    requestAnimationFrame(() => {
      scroller.current?.querySelector<HTMLElement>(`[data-row-index="${next}"]`)?.focus();
    });
  };

  const onRowKeyDown = (event: KeyboardEvent<HTMLElement>, index: number): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[index];
    if (row === undefined) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / rowHeight) - 2);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: index + 1,
      j: index + 1,
      ArrowUp: index - 1,
      k: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: rows.length - 1,
    };
    const next = steps[event.key];
    if (next !== undefined) {
      event.preventDefault();
      if (event.shiftKey && selection !== undefined && event.key.startsWith('Arrow')) select(row, true);
      focusRow(next);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      onOpen?.(row);
    } else if ((event.key === ' ' || event.key === 'x') && selection !== undefined) {
      event.preventDefault();
      select(row, event.shiftKey);
    }
  };

  const tracks = [
    ...(selection === undefined ? [] : ['40px']),
    ...columns.map((column) => `minmax(${column.minWidth}px, ${column.weight}fr)`),
  ].join(' ');
  const minWidth = columns.reduce((sum, column) => sum + column.minWidth, selection === undefined ? 32 : 72);
  const headState = selection === undefined ? 'none' : headStateOf(selection, loadedIds());
  const tabIndex = Math.min(activeIndex, Math.max(0, rows.length - 1));
  // Sizes come from the column definitions in code, never from data.
  const frame = isNarrow ? undefined : ({ '--tracks': tracks, minWidth } as CSSProperties);

  return (
    <div
      className={classes.table}
      data-embedded={props.isEmbedded === true || undefined}
      ref={scroller}
      onScroll={
        props.onScroll === undefined ? undefined : (event) => props.onScroll?.(event.currentTarget.scrollTop)
      }
    >
      <div
        className={classes.frame}
        style={frame}
        role="grid"
        aria-label={props.label}
        aria-rowcount={(props.totalCount ?? rows.length) + 1}
        aria-multiselectable={selection === undefined ? undefined : true}
      >
        <div className={isNarrow ? 'hf-visually-hidden' : classes.head} role="rowgroup">
          <div className={classes.headRow} role="row" aria-rowindex={1}>
            {selection === undefined ? null : (
              <div role="columnheader" className={classes.checkCell}>
                <Checkbox
                  size="xs"
                  aria-label={t('table.selectLoaded')}
                  checked={headState === 'all'}
                  indeterminate={headState === 'some'}
                  onChange={() => onSelect?.(toggleLoaded(selection, loadedIds()))}
                />
              </div>
            )}
            {columns.map((column) => (
              <HeadCell
                key={column.id}
                column={column}
                sort={props.sort}
                onSort={props.onSort}
                name={t('table.sortBy', { column: column.header })}
              />
            ))}
          </div>
        </div>
        <div
          className={classes.body}
          role="rowgroup"
          style={{ height: virtualizer.getTotalSize() }}
          data-narrow={isNarrow || undefined}
        >
          {items.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            const id = rowId(row);
            return (
              <DataTableRow
                key={item.key}
                row={row}
                name={rowName(row)}
                index={item.index}
                top={item.start}
                height={item.size}
                columns={columns}
                narrowRow={isNarrow ? props.narrowRow : undefined}
                isActive={props.activeId === id}
                isTabStop={item.index === tabIndex}
                isSelected={selection === undefined ? undefined : isSelected(selection, id)}
                isChanged={props.changedIds?.has(id) ?? false}
                onOpen={onOpen}
                onSelect={select}
                onFocus={setActiveIndex}
                onKeyDown={onRowKeyDown}
              />
            );
          })}
        </div>
      </div>
      {props.foot === undefined ? null : <div className={classes.foot}>{props.foot}</div>}
    </div>
  );
}

interface HeadCellProps<Row> {
  readonly column: TableColumn<Row>;
  readonly sort: TableSort | undefined;
  readonly onSort: ((by: string) => void) | undefined;
  readonly name: string;
}

function HeadCell<Row>({ column, sort, onSort, name }: HeadCellProps<Row>) {
  const by = column.sort;
  if (by === undefined || onSort === undefined) {
    return (
      <div role="columnheader" className={classes.headCell} data-align={column.align}>
        <span className={column.isHeaderHidden === true ? 'hf-visually-hidden' : undefined}>
          {column.header}
        </span>
      </div>
    );
  }
  const order = sort?.by === by ? sort.order : undefined;
  return (
    <div
      role="columnheader"
      className={classes.headCell}
      data-align={column.align}
      aria-sort={order ?? 'none'}
    >
      <button
        type="button"
        className={classes.sort}
        title={name}
        onClick={() => onSort(by)}
        data-sorted={order}
      >
        {column.header}
        {order === 'descending' ? <IconArrowDown size={13} /> : <IconArrowUp size={13} />}
      </button>
    </div>
  );
}
