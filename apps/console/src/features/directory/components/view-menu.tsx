import { Button, Menu } from '@mantine/core';
import { IconBookmark, IconBookmarkPlus, IconTrash } from '../../../shared/icons/icons.ts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import type { DeviceColumn } from '../device-columns.ts';
import type { DirectorySearch } from '../directory-search.ts';
import {
  findOpenView,
  findView,
  maxSavedViews,
  type SavedView,
  undoRemoval,
  undoSave,
  withoutView,
  withView,
} from '../saved-views.ts';
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
  const notify = useNotify();
  const [views, changeViews] = useSavedViews();
  const [isNaming, setNaming] = useState(false);
  const open = findOpenView(views, search, columns);
  const isFull = views.length >= maxSavedViews;

  const save = async (name: string): Promise<void> => {
    const former = findView(views, name);
    changeViews((now) => withView(now, { name, search, columns }));
    setNaming(false);
    notify.success(t('views.saved', { name }), () => changeViews(undoSave(name, former)));
  };
  const remove = (view: SavedView): void => {
    changeViews((now) => withoutView(now, view.name));
    notify.success(t('views.removed', { name: view.name }), () => changeViews(undoRemoval(view)));
  };

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
        <Menu.Dropdown>
          {views.length === 0 ? <Menu.Label>{t('views.none')}</Menu.Label> : null}
          {views.map((view) => (
            <Menu.Item
              key={view.name}
              aria-current={view === open ? 'true' : undefined}
              onClick={() => onOpen(view)}
            >
              {view.name}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconBookmarkPlus size={16} stroke={1.75} />}
            disabled={isFull}
            title={isFull ? t('views.full', { max: maxSavedViews }) : undefined}
            onClick={() => setNaming(true)}
          >
            {t('views.save')}
          </Menu.Item>
          {open === undefined ? null : (
            <Menu.Item
              c="var(--hf-failed)"
              leftSection={<IconTrash size={16} stroke={1.75} />}
              onClick={() => remove(open)}
            >
              {t('views.remove', { name: open.name })}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {isNaming ? (
        <NameDialog
          title={t('views.saveTitle')}
          label={t('views.name')}
          description={t('views.help')}
          initial=""
          submitText={t('views.submit')}
          onSubmit={save}
          onClose={() => setNaming(false)}
        />
      ) : null}
    </>
  );
}
