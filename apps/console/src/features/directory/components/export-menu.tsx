import { type DeviceFilter, exportDevices, targetOf } from '@holdfast/api';
import { Button, Menu } from '@mantine/core';
import { IconDownload } from '../../../shared/icons/icons.ts';
import { useTranslation } from 'react-i18next';
import classes from './column-chooser.module.css';

export interface ExportMenuProps {
  readonly filter: DeviceFilter;
}

/** What is seen, by its filter, as a file. The browser loads it itself, so that a million rows are no matter. */
export function ExportMenu({ filter }: ExportMenuProps) {
  const { t } = useTranslation('directory');
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          size="compact-sm"
          className={classes.button ?? ''}
          leftSection={<IconDownload size={16} stroke={1.75} />}
        >
          {t('list.export')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          component="a"
          href={targetOf(exportDevices, {}, { ...filter, format: 'csv' })}
          download="devices.csv"
        >
          {t('list.exportCsv')}
        </Menu.Item>
        <Menu.Item
          component="a"
          href={targetOf(exportDevices, {}, { ...filter, format: 'json' })}
          download="devices.jsonl"
        >
          {t('list.exportJson')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
