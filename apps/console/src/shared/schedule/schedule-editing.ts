import { daysPerWeek, quartersPerDay, type Schedule, withQuarters } from '@holdfast/api';

/** One quarter hour of the week. */
export interface Cell {
  /** 0 is Monday. */
  readonly day: number;
  readonly quarter: number;
}

/** All cells between two corners, whichever way they were dragged; `to` is exclusive. */
export interface Block {
  readonly firstDay: number;
  readonly lastDay: number;
  readonly from: number;
  readonly to: number;
}

export function blockBetween(one: Cell, other: Cell): Block {
  return {
    firstDay: Math.min(one.day, other.day),
    lastDay: Math.max(one.day, other.day),
    from: Math.min(one.quarter, other.quarter),
    to: Math.max(one.quarter, other.quarter) + 1,
  };
}

export function isInBlock(block: Block, day: number, quarter: number): boolean {
  return day >= block.firstDay && day <= block.lastDay && quarter >= block.from && quarter < block.to;
}

/** The schedule with all cells of the block working or idle. */
export function paintBlock(schedule: Schedule, block: Block, isWorking: boolean): Schedule {
  let painted = schedule;
  for (let day = block.firstDay; day <= block.lastDay; day += 1) {
    painted = withQuarters(painted, { day, from: block.from, to: block.to, isWorking });
  }
  return painted;
}

/** Where something lies in the window, as `DOMRect` says it. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The cell at a point of the area that all cells fill; beside the area, the nearest one, so that no stroke ends short. */
export function cellFromPoint(area: Area, x: number, y: number): Cell {
  return {
    day: indexAt(y, area.top, area.bottom, daysPerWeek),
    quarter: indexAt(x, area.left, area.right, quartersPerDay),
  };
}

function indexAt(at: number, from: number, to: number, count: number): number {
  // An area that is not laid out has no size; its first cell is as good as any.
  if (to <= from) return 0;
  return Math.min(count - 1, Math.max(0, Math.floor(((at - from) / (to - from)) * count)));
}

/** Where a key leads from a cell; `undefined`: nowhere. */
export function moveCell({ day, quarter }: Cell, key: string, isByHour: boolean): Cell | undefined {
  const step = isByHour ? 4 : 1;
  const lastQuarter = quartersPerDay - 1;
  switch (key) {
    case 'ArrowLeft':
      return { day, quarter: Math.max(0, quarter - step) };
    case 'ArrowRight':
      return { day, quarter: Math.min(lastQuarter, quarter + step) };
    case 'ArrowUp':
      return { day: Math.max(0, day - 1), quarter };
    case 'ArrowDown':
      return { day: Math.min(daysPerWeek - 1, day + 1), quarter };
    case 'Home':
      return { day, quarter: 0 };
    case 'End':
      return { day, quarter: lastQuarter };
    case 'PageUp':
      return { day: 0, quarter };
    case 'PageDown':
      return { day: daysPerWeek - 1, quarter };
    default:
      return undefined;
  }
}

const FULL_DAY = 'f'.repeat(24);
const EMPTY_DAY = '0'.repeat(24);
const OFFICE_DAY = `${'0'.repeat(7)}${'f'.repeat(12)}${'0'.repeat(5)}`;
const NIGHT_DAY = `${'f'.repeat(6)}${'0'.repeat(12)}${'f'.repeat(6)}`;

/** Starting points that need a few strokes at most. */
export const schedulePresets = {
  always: Array.from({ length: daysPerWeek }, () => FULL_DAY),
  office: [...Array.from({ length: 5 }, () => OFFICE_DAY), EMPTY_DAY, EMPTY_DAY],
  nights: [...Array.from({ length: 5 }, () => NIGHT_DAY), FULL_DAY, FULL_DAY],
} as const;
export type SchedulePreset = keyof typeof schedulePresets;
