import { MAX_SAVED_VIEWS, type SavedView } from '@holdfast/api';
import { Button, Menu } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconBookmark, IconBookmarkPlus, IconPencil } from '../../../shared/icons/icons.ts';
import type { DeviceColumn } from '../device-columns.ts';
import type { DirectorySearch } from '../directory-search.ts';
import { findOpenView, toViewContent } from '../saved-views.ts';
import { useSavedViews } from '../use-saved-views.ts';
import classes from './column-chooser.module.css';
import { NameDialog } from './name-dialog.tsx';

export interface ViewMenuProps {
  readonly search: DirectorySearch;
  readonly columns: readonly DeviceColumn[];
  readonly onOpen: (view: SavedView) => void;
}

/** Ways to look at the list that were given a name. */
export function ViewMenu({ search, columns, onOpen }: ViewMenuProps) {
  const { t } = useTranslation('directory');
  const { views, save } = useSavedViews();
  const [isNaming, setNaming] = useState(false);
  const open = findOpenView(views, search, columns);
  const own = views.filter(({ isOwn }) => isOwn);
  const shared = views.filter(({ isOwn }) => !isOwn);
  const isFull = own.length >= MAX_SAVED_VIEWS;
  const itemOf = (view: SavedView) => (
    <Menu.Item key={view.id} aria-current={view === open ? 'true' : undefined} onClick={() => onOpen(view)}>
      {view.name}
    </Menu.Item>
  );

  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            variant="default"
            size="compact-sm"
            className={classes.button ?? ''}
            leftSection={<IconBookmark size={16} stroke={1.75} />}
          >
            {open === undefined ? t('views.title') : t('views.open', { name: open.name })}
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah={420} style={{ overflowY: 'auto' }}>
          {views.length === 0 ? <Menu.Label>{t('views.none')}</Menu.Label> : null}
          {own.map(itemOf)}
          {shared.length === 0 ? null : <Menu.Label>{t('views.sharedByOthers')}</Menu.Label>}
          {shared.map(itemOf)}
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconBookmarkPlus size={16} stroke={1.75} />}
            disabled={isFull}
            title={isFull ? t('views.full', { max: MAX_SAVED_VIEWS }) : undefined}
            onClick={() => setNaming(true)}
          >
            {t('views.save')}
          </Menu.Item>
          <Menu.Item
            component={Link}
            to="/directory/views"
            leftSection={<IconPencil size={16} stroke={1.75} />}
          >
            {t('views.manage')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isNaming ? (
        <NameDialog
          title={t('views.saveTitle')}
          label={t('views.name')}
          description={t('views.help')}
          initial=""
          submitText={t('views.submit')}
          onSubmit={async (name) => {
            await save(name, toViewContent(search, columns));
            setNaming(false);
          }}
          onClose={() => setNaming(false)}
        />
      ) : null}
    </>
  );
}
