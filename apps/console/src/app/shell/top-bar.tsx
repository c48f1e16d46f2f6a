import { ActionIcon, Kbd } from '@mantine/core';
import { IconMenu2, IconSearch } from '../../shared/icons/icons.ts';
import { useTranslation } from 'react-i18next';
import { AccountMenu } from './account-menu.tsx';
import { Breadcrumb } from './breadcrumb.tsx';
import { LiveIndicator } from './live-indicator.tsx';
import { usePalette } from './palette-context.ts';
import classes from './top-bar.module.css';

export interface TopBarProps {
  /** Present where the navigation is a drawer. */
  readonly onOpenNavigation: (() => void) | undefined;
}

export function TopBar({ onOpenNavigation }: TopBarProps) {
  const { t } = useTranslation('shell');
  const openPalette = usePalette();
  const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);
  return (
    <header className={classes.bar}>
      {onOpenNavigation === undefined ? null : (
        <ActionIcon size="lg" aria-label={t('nav.open')} onClick={onOpenNavigation}>
          <IconMenu2 size={20} stroke={1.75} />
        </ActionIcon>
      )}
      <Breadcrumb />
      <button type="button" className={classes.search} onClick={openPalette}>
        <IconSearch size={16} stroke={1.75} aria-hidden="true" />
        {/* On a narrow window the visible text is not there, and the name has to stay. */}
        <span className="hf-visually-hidden">{t('palette.open')}</span>
        <span className={classes.searchText} aria-hidden="true">
          {t('palette.open')}
        </span>
        <span className={classes.keys} aria-hidden="true">
          <Kbd size="xs">{isMac ? '⌘' : 'Ctrl'}</Kbd>
          <Kbd size="xs">K</Kbd>
        </span>
      </button>
      <LiveIndicator />
      <AccountMenu />
    </header>
  );
}
