import type { ReactNode } from 'react';

/** One column of a list of rows: where it stands, and what it shows of each. */
export interface TableColumn<Row> {
  readonly id: string;
  readonly header: string;
  /** The header is only for screen readers, e.g. above buttons. */
  readonly isHeaderHidden?: boolean;
  /** Pixels that the column never goes below. */
  readonly minWidth: number;
  /** Share of the space that is left. */
  readonly weight: number;
  readonly sort?: string | undefined;
  readonly align?: 'start' | 'end';
  readonly cell: (row: Row) => ReactNode;
}

/** What the column of a row's buttons is in every table. */
export const actionsColumn = { id: 'actions', isHeaderHidden: true, weight: 0.1, align: 'end' } as const;
