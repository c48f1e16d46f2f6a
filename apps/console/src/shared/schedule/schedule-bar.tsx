import { formatQuarter, isWorkingQuarter, quartersPerDay, type Schedule } from '@holdfast/api';
import { type KeyboardEvent, memo, type PointerEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type Block,
  blockBetween,
  type Cell,
  cellFromPoint,
  isInBlock,
  moveCell,
  paintBlock,
} from './schedule-editing.ts';
import classes from './schedule-bar.module.css';

export interface ScheduleBarProps {
  readonly schedule: Schedule;
  readonly isReadOnly: boolean;
  readonly onChange: (schedule: Schedule) => void;
  readonly onUndo: () => void;
  readonly onRedo: () => void;
}

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const hours = Array.from({ length: 24 }, (_, hour) => hour);
const quarters = Array.from({ length: quartersPerDay }, (_, quarter) => quarter);

/** What a stroke paints: the opposite of the cell that it began at. */
interface Stroke {
  readonly start: Cell;
  readonly end: Cell;
  readonly isWorking: boolean;
}

/**
 * The week as seven bars of quarter hours. Dragging paints a block; with the keyboard, arrows move, Space toggles, and Shift with
 * arrows marks a block that Space paints. Ctrl+Z takes the last stroke back, Ctrl+Y or Ctrl+Shift+Z does it again.
 */
export function ScheduleBar({ schedule, isReadOnly, onChange, onUndo, onRedo }: ScheduleBarProps) {
  const { t } = useTranslation('communication');
  const root = useRef<HTMLDivElement>(null);
  const [focus, setFocus] = useState<Cell>({ day: 0, quarter: 28 });
  const [anchor, setAnchor] = useState<Cell>();
  const [stroke, setStroke] = useState<Stroke>();
  const block = stroke === undefined ? undefined : blockBetween(stroke.start, stroke.end);
  const marked = anchor === undefined ? undefined : blockBetween(anchor, focus);
  const shown =
    stroke === undefined || block === undefined ? schedule : paintBlock(schedule, block, stroke.isWorking);

  const begin = (event: PointerEvent): void => {
    const cell = cellAt(event);
    if (isReadOnly || cell === undefined || event.button !== 0) return;
    event.preventDefault();
    root.current?.setPointerCapture(event.pointerId);
    setAnchor(undefined);
    setFocus(cell);
    focusCell(root.current, cell);
    setStroke({ start: cell, end: cell, isWorking: !isWorkingQuarter(schedule, cell.day, cell.quarter) });
  };
  const drag = (event: PointerEvent): void => {
    if (stroke !== undefined) setStroke({ ...stroke, end: nearestCell(root.current, event) ?? stroke.end });
  };
  const end = (event: PointerEvent): void => {
    if (stroke === undefined) return;
    // A fast pointer may be let go where no move was told of.
    const last = nearestCell(root.current, event) ?? stroke.end;
    onChange(paintBlock(schedule, blockBetween(stroke.start, last), stroke.isWorking));
    setStroke(undefined);
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && (anchor !== undefined || stroke !== undefined)) {
      event.stopPropagation();
      setAnchor(undefined);
      setStroke(undefined);
      return;
    }
    if (event.key === ' ' || event.key === 'Enter') {
      event.preventDefault();
      if (isReadOnly) return;
      const from = anchor ?? focus;
      const isWorking = !isWorkingQuarter(schedule, from.day, from.quarter);
      onChange(paintBlock(schedule, marked ?? blockBetween(focus, focus), isWorking));
      setAnchor(undefined);
      return;
    }
    const step = historyStepOf(event);
    if (step !== undefined) {
      event.preventDefault();
      if (isReadOnly || stroke !== undefined) return;
      setAnchor(undefined);
      if (step === 'undo') onUndo();
      else onRedo();
      return;
    }
    const next = moveCell(focus, event.key, event.ctrlKey || event.metaKey);
    if (next === undefined) return;
    event.preventDefault();
    setAnchor(event.shiftKey ? (anchor ?? focus) : undefined);
    setFocus(next);
    focusCell(root.current, next);
  };

  return (
    <div className={classes.frame}>
      <div className={classes.hours} aria-hidden>
        {hours.map((hour) => (
          <span key={hour}>{hour % 3 === 0 ? String(hour).padStart(2, '0') : ''}</span>
        ))}
        <span className={classes.midnight}>24</span>
      </div>
      <div
        ref={root}
        role="grid"
        aria-label={t('schedule.label')}
        aria-readonly={isReadOnly}
        aria-multiselectable
        className={classes.grid}
        data-read-only={isReadOnly || undefined}
        onPointerDown={begin}
        onPointerMove={drag}
        onPointerUp={end}
        onPointerCancel={() => setStroke(undefined)}
        onKeyDown={press}
        onFocus={(event) => setFocus(cellOf(event.target) ?? focus)}
      >
        {days.map((name, day) => (
          <div role="row" key={name} className={classes.row}>
            <span role="rowheader" className={classes.day}>
              {t(`schedule.day.${name}`)}
            </span>
            <div role="presentation" className={classes.cells}>
              {quarters.map((quarter) => (
                <QuarterCell
                  key={quarter}
                  day={day}
                  dayName={t(`schedule.dayLong.${name}`)}
                  quarter={quarter}
                  isWorking={isWorkingQuarter(shown, day, quarter)}
                  isFocused={focus.day === day && focus.quarter === quarter}
                  isMarked={isCovered(block ?? marked, day, quarter)}
                />
              ))}
            </div>
          </div>
        ))}
      </div>
      <p className={classes.legend}>
        <span className={classes.key} data-working /> {t('schedule.working')}
        <span className={classes.key} /> {t('schedule.idle')}
        {isReadOnly ? null : <span className={classes.help}>{t('schedule.help')}</span>}
      </p>
      <span className="hf-visually-hidden" aria-live="polite">
        {marked === undefined
          ? ''
          : t('schedule.marked', {
              from: formatQuarter(marked.from),
              to: formatQuarter(marked.to),
              count: marked.lastDay - marked.firstDay + 1,
            })}
      </span>
    </div>
  );
}

interface QuarterCellProps {
  readonly day: number;
  readonly dayName: string;
  readonly quarter: number;
  readonly isWorking: boolean;
  readonly isFocused: boolean;
  readonly isMarked: boolean;
}

/** Kept as it is while nothing about it changes: a stroke over 672 of them has to follow the pointer. */
const QuarterCell = memo(function QuarterCell(props: QuarterCellProps) {
  const { day, dayName, quarter, isWorking, isFocused, isMarked } = props;
  const { t } = useTranslation('communication');
  const time = `${formatQuarter(quarter)}–${formatQuarter(quarter + 1)}`;
  return (
    <span
      role="gridcell"
      tabIndex={isFocused ? 0 : -1}
      className={classes.cell}
      data-day={day}
      data-quarter={quarter}
      data-working={isWorking || undefined}
      data-marked={isMarked || undefined}
      aria-selected={isMarked}
      aria-label={t(isWorking ? 'schedule.cellWorking' : 'schedule.cellIdle', { day: dayName, time })}
      title={`${dayName} ${time}`}
    />
  );
});

function historyStepOf(event: KeyboardEvent): 'undo' | 'redo' | undefined {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return undefined;
  const key = event.key.toLowerCase();
  if (key === 'z') return event.shiftKey ? 'redo' : 'undo';
  return key === 'y' ? 'redo' : undefined;
}

function isCovered(block: Block | undefined, day: number, quarter: number): boolean {
  return block !== undefined && isInBlock(block, day, quarter);
}

/** The cell under the pointer, where a stroke may begin; undefined beside the cells. */
function cellAt(event: PointerEvent): Cell | undefined {
  const element = document.elementFromPoint(event.clientX, event.clientY);
  return element === null ? undefined : cellOf(element);
}

/** The cell that a stroke has got to: while the pointer is captured it may be anywhere, also outside of the grid. */
function nearestCell(root: HTMLElement | null, event: PointerEvent): Cell | undefined {
  const cells = root?.querySelectorAll('[data-quarter]');
  const first = cells?.item(0)?.getBoundingClientRect();
  const last = cells?.item(cells.length - 1)?.getBoundingClientRect();
  if (first === undefined || last === undefined) return undefined;
  const area = { left: first.left, top: first.top, right: last.right, bottom: last.bottom };
  return cellFromPoint(area, event.clientX, event.clientY);
}

function cellOf(element: Element): Cell | undefined {
  if (!(element instanceof HTMLElement)) return undefined;
  const { day, quarter } = element.dataset;
  return day === undefined || quarter === undefined
    ? undefined
    : { day: Number(day), quarter: Number(quarter) };
}

function focusCell(root: HTMLElement | null, { day, quarter }: Cell): void {
  root?.querySelector<HTMLElement>(`[data-day="${day}"][data-quarter="${quarter}"]`)?.focus();
}
