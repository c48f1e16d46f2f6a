import { Checkbox } from '@mantine/core';
import type { KeyboardEvent, MouseEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { TableColumn } from './table-column.ts';
import classes from './data-table.module.css';

export interface DataTableRowProps<Row> {
  readonly row: Row;
  readonly name: string;
  readonly index: number;
  readonly top: number;
  readonly height: number;
  readonly columns: readonly TableColumn<Row>[];
  readonly narrowRow: ((row: Row) => ReactNode) | undefined;
  readonly isActive: boolean;
  readonly isTabStop: boolean;
  /** Undefined where rows cannot be chosen. */
  readonly isSelected: boolean | undefined;
  readonly isChanged: boolean;
  readonly onOpen: ((row: Row) => void) | undefined;
  readonly onSelect: (row: Row, isRange: boolean) => void;
  readonly onFocus: (index: number) => void;
  readonly onKeyDown: (event: KeyboardEvent<HTMLElement>, index: number) => void;
}

export function DataTableRow<Row>(props: DataTableRowProps<Row>) {
  const { row, index, columns, narrowRow, isSelected, onOpen } = props;
  const { t } = useTranslation('common');

  const onClick = (event: MouseEvent<HTMLElement>): void => {
    const target = event.target;
    // Links, buttons and checkboxes in a row do their own work; text being marked is no click.
    if (target instanceof Element && target.closest('a, button, input, label') !== null) return;
    if (window.getSelection()?.type === 'Range') return;
    if (isSelected !== undefined && (event.shiftKey || event.ctrlKey || event.metaKey)) {
      props.onSelect(row, event.shiftKey);
    } else {
      onOpen?.(row);
    }
  };

  return (
    <div
      role="row"
      className={classes.row}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      data-row-index={index}
      data-openable={onOpen === undefined ? undefined : true}
      data-active={props.isActive || undefined}
      data-changed={props.isChanged || undefined}
      tabIndex={props.isTabStop ? 0 : -1}
      style={{ height: props.height, transform: `translateY(${props.top}px)` }}
      onClick={onClick}
      onFocus={() => props.onFocus(index)}
      onKeyDown={(event) => props.onKeyDown(event, index)}
    >
      {isSelected === undefined ? null : (
        <div role="gridcell" className={classes.checkCell}>
          <Checkbox
            size="xs"
            tabIndex={-1}
            aria-label={t('table.selectRow', { name: props.name })}
            checked={isSelected}
            onChange={() => props.onSelect(row, false)}
            onClick={(event) => {
              if (event.shiftKey) {
                event.preventDefault();
                props.onSelect(row, true);
              }
            }}
          />
        </div>
      )}
      {narrowRow === undefined ? (
        columns.map((column) => (
          <div key={column.id} role="gridcell" className={classes.cell} data-align={column.align}>
            {column.cell(row)}
          </div>
        ))
      ) : (
        <div role="gridcell" className={classes.narrowCell}>
          {narrowRow(row)}
        </div>
      )}
    </div>
  );
}
