import { Kbd, Modal } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconCornerDownLeft, IconSearch } from '../../shared/icons/icons.ts';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './palette.module.css';
import { type PaletteEntry, usePaletteEntries } from './use-palette-entries.tsx';

export interface PaletteProps {
  readonly onClose: () => void;
}

const pauseMs = 120;

/** One field for everything: pages, actions, devices, groups. Follows the WAI-ARIA combobox pattern. */
export function Palette({ onClose }: PaletteProps) {
  const { t } = useTranslation('shell');
  const [query, setQuery] = useState('');
  const [settled] = useDebouncedValue(query.trim(), pauseMs);
  const { entries, isSearching } = usePaletteEntries(query.trim(), settled);
  const [activeIndex, setActiveIndex] = useState(0);
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);
  const active = entries[Math.min(activeIndex, entries.length - 1)];

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  });

  const run = (entry: PaletteEntry): void => {
    onClose();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const index = Math.min(activeIndex, entries.length - 1);
    if (event.key === 'ArrowDown') setActiveIndex((index + 1) % Math.max(1, entries.length));
    else if (event.key === 'ArrowUp')
      setActiveIndex((index - 1 + entries.length) % Math.max(1, entries.length));
    else if (event.key === 'Enter' && active !== undefined && !event.nativeEvent.isComposing) run(active);
    else return;
    event.preventDefault();
  };

  return (
    <Modal.Root opened onClose={onClose} padding={0} size={600}>
      <Modal.Overlay backgroundOpacity={0.3} />
      <Modal.Content aria-label={t('palette.title')}>
        <div className={classes.field}>
          <IconSearch size={18} stroke={1.75} aria-hidden="true" />
          <input
            type="text"
            role="combobox"
            aria-expanded="true"
            aria-controls={listId}
            aria-autocomplete="list"
            aria-activedescendant={active === undefined ? undefined : `${listId}-${active.id}`}
            aria-label={t('palette.title')}
            placeholder={t('palette.placeholder')}
            maxLength={200}
            value={query}
            data-autofocus
            onKeyDown={onKeyDown}
            onChange={(event) => {
              setQuery(event.currentTarget.value);
              setActiveIndex(0);
            }}
          />
        </div>
        <div className={classes.list} id={listId} role="listbox" aria-label={t('palette.title')} ref={list}>
          {groupsOf(entries).map(([section, members]) => (
            <div key={section} role="group" aria-labelledby={`${listId}-${section}`}>
              <p className={classes.section} id={`${listId}-${section}`}>
                {t(`palette.${section}`)}
              </p>
              {members.map((entry) => (
                <div
                  key={entry.id}
                  id={`${listId}-${entry.id}`}
                  role="option"
                  className={classes.option}
                  aria-selected={entry === active}
                  tabIndex={-1}
                  onClick={() => run(entry)}
                  onKeyDown={() => undefined}
                  onMouseMove={() => setActiveIndex(entries.indexOf(entry))}
                >
                  <span className={classes.icon} aria-hidden="true">
                    {entry.icon}
                  </span>
                  <span className={classes.text}>{entry.text}</span>
                  {entry.detail === undefined ? null : <span className={classes.detail}>{entry.detail}</span>}
                  {entry === active ? <IconCornerDownLeft size={14} aria-hidden="true" /> : null}
                </div>
              ))}
            </div>
          ))}
        </div>
        {entries.length === 0 ? (
          <p className={classes.nothing}>
            {isSearching ? t('palette.searching') : t('palette.nothing', { query })}
          </p>
        ) : null}
        <p className="hf-visually-hidden" role="status">
          {isSearching ? t('palette.searching') : t('palette.results', { count: entries.length })}
        </p>
        <div className={classes.foot} aria-hidden="true">
          <span>
            <Kbd size="xs">↑</Kbd> <Kbd size="xs">↓</Kbd> {t('palette.hintMove')}
          </span>
          <span>
            <Kbd size="xs">Enter</Kbd> {t('palette.hintOpen')}
          </span>
          <span>
            <Kbd size="xs">Esc</Kbd> {t('palette.hintClose')}
          </span>
        </div>
      </Modal.Content>
    </Modal.Root>
  );
}

function groupsOf(entries: readonly PaletteEntry[]): [PaletteEntry['section'], PaletteEntry[]][] {
  return [...Map.groupBy(entries, (entry) => entry.section)];
}
