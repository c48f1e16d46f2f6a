import {
  IconChevronRight,
  IconFolder,
  IconFolderOpen,
  IconInbox,
  IconWorld,
} from '../../../shared/icons/icons.ts';
import { type KeyboardEvent, type MouseEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  findByPrefix,
  type GroupNode,
  type TreeLine,
  treeStepOf,
  visibleLines,
} from '../../../shared/groups/group-tree.ts';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import classes from './group-tree.module.css';

export interface GroupTreeProps {
  readonly roots: readonly GroupNode[];
  readonly selectedId: string | undefined;
  readonly expandedIds: ReadonlySet<string>;
  readonly onSelect: (groupId: string) => void;
  readonly onExpand: (groupId: string, isExpanded: boolean) => void;
}

const typingPauseMs = 600;

/** The groups as a tree after the WAI-ARIA pattern: one tab stop, arrows to walk, letters to jump. */
export function GroupTree({ roots, selectedId, expandedIds, onSelect, onExpand }: GroupTreeProps) {
  const { t } = useTranslation('directory');
  const tree = useRef<HTMLDivElement>(null);
  const typed = useRef({ text: '', atMs: 0 });
  const lines = visibleLines(roots, expandedIds);
  const [focusedId, setFocusedId] = useState<string>();
  const tabStop = [focusedId, selectedId, lines[0]?.id].find((id) => lines.some((line) => line.id === id));

  useEffect(() => {
    if (selectedId === undefined) return;
    tree.current?.querySelector(`[data-group-id="${selectedId}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [selectedId]);

  const focus = (id: string): void => {
    setFocusedId(id);
    tree.current?.querySelector<HTMLElement>(`[data-group-id="${id}"]`)?.focus();
  };

  const onKeyDown = (event: KeyboardEvent, line: TreeLine): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      onSelect(line.id);
      return;
    }
    const step = treeStepOf(lines, line.id, event.key);
    if (step !== undefined) {
      event.preventDefault();
      if (step.kind === 'focus') focus(step.id);
      else onExpand(step.id, step.kind === 'expand');
      return;
    }
    if (event.key.length === 1) {
      const isContinued = event.timeStamp - typed.current.atMs < typingPauseMs;
      typed.current = { text: (isContinued ? typed.current.text : '') + event.key, atMs: event.timeStamp };
      const found = findByPrefix(lines, line.id, typed.current.text);
      if (found !== undefined) focus(found.id);
    }
  };

  return (
    <div className={classes.tree} role="tree" aria-label={t('groups.tree')} ref={tree}>
      {lines.map((line) => (
        <GroupTreeItem
          key={line.id}
          line={line}
          isSelected={line.id === selectedId}
          isTabStop={line.id === tabStop}
          onSelect={onSelect}
          onExpand={onExpand}
          onFocus={setFocusedId}
          onKeyDown={onKeyDown}
        />
      ))}
    </div>
  );
}

interface GroupTreeItemProps {
  readonly line: TreeLine;
  readonly isSelected: boolean;
  readonly isTabStop: boolean;
  readonly onSelect: (groupId: string) => void;
  readonly onExpand: (groupId: string, isExpanded: boolean) => void;
  readonly onFocus: (groupId: string) => void;
  readonly onKeyDown: (event: KeyboardEvent, line: TreeLine) => void;
}

function GroupTreeItem(props: GroupTreeItemProps) {
  const { line, isSelected } = props;
  const { t } = useTranslation('directory');
  const format = useFormat();
  const { group, totalCount } = line.node;
  const Icon =
    group.parentId === null
      ? IconWorld
      : group.isFixed
        ? IconInbox
        : line.isExpanded === true
          ? IconFolderOpen
          : IconFolder;
  const toggle = (event: MouseEvent): void => {
    event.stopPropagation();
    props.onExpand(line.id, line.isExpanded !== true);
  };
  return (
    <div
      role="treeitem"
      className={classes.item}
      data-group-id={line.id}
      data-level={Math.min(line.level, 8)}
      aria-level={line.level}
      aria-setsize={line.setSize}
      aria-posinset={line.position}
      aria-selected={isSelected}
      aria-expanded={line.isExpanded}
      tabIndex={props.isTabStop ? 0 : -1}
      onClick={() => props.onSelect(line.id)}
      onFocus={() => props.onFocus(line.id)}
      onKeyDown={(event) => props.onKeyDown(event, line)}
    >
      <span
        className={classes.chevron}
        data-open={line.isExpanded}
        data-hidden={line.isExpanded === undefined || undefined}
        onClick={line.isExpanded === undefined ? undefined : toggle}
        aria-hidden="true"
      >
        <IconChevronRight size={14} stroke={2} />
      </span>
      <Icon size={16} stroke={1.75} className={classes.icon} aria-hidden="true" />
      <span className={classes.name} title={group.name}>
        {group.name}
      </span>{' '}
      <span className={classes.count}>
        {format.count(totalCount)}
        <span className="hf-visually-hidden"> {t('groups.devices', { count: totalCount })}</span>
      </span>
    </div>
  );
}
