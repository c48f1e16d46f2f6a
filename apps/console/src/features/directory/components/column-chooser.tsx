import { ActionIcon, Button, Checkbox, Popover } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconColumns3 } from '../../../shared/icons/icons.ts';
import { definitionOf, fieldOfWord } from '@holdfast/api';
import { useTranslation } from 'react-i18next';
import { type DeviceColumn, deviceColumns, shiftColumn, toggleColumn } from '../device-columns.ts';
import classes from './column-chooser.module.css';

export interface ColumnChooserProps {
  readonly columns: readonly DeviceColumn[];
  readonly onChange: (columns: readonly DeviceColumn[]) => void;
  /** Back to what is shown until somebody chooses. */
  readonly onReset: () => void;
}

export function ColumnChooser({ columns, onChange, onReset }: ColumnChooserProps) {
  const { t } = useTranslation('directory');
  const hidden = deviceColumns.filter((column) => !columns.includes(column));
  return (
    <Popover position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="default"
          size="compact-sm"
          className={classes.button ?? ''}
          leftSection={<IconColumns3 size={16} stroke={1.75} />}
        >
          {t('list.columns')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="xs" aria-label={t('list.columnsTitle')}>
        <ul className={classes.list}>
          {[...columns, ...hidden].map((column) => {
            const name = definitionOf(fieldOfWord(column)).title;
            const isShown = columns.includes(column);
            return (
              <li key={column} className={classes.row}>
                <Checkbox
                  size="xs"
                  label={name}
                  checked={isShown}
                  disabled={column === 'name'}
                  onChange={() => onChange(toggleColumn(columns, column))}
                />
                {isShown ? (
                  <span className={classes.moves}>
                    <ActionIcon
                      size="sm"
                      aria-label={t('list.moveUp', { column: name })}
                      disabled={columns[0] === column}
                      onClick={() => onChange(shiftColumn(columns, column, 'up'))}
                    >
                      <IconArrowUp size={14} />
                    </ActionIcon>
                    <ActionIcon
                      size="sm"
                      aria-label={t('list.moveDown', { column: name })}
                      disabled={columns.at(-1) === column}
                      onClick={() => onChange(shiftColumn(columns, column, 'down'))}
                    >
                      <IconArrowDown size={14} />
                    </ActionIcon>
                  </span>
                ) : null}
              </li>
            );
          })}
        </ul>
        <Button variant="subtle" size="compact-sm" mt={8} onClick={onReset}>
          {t('list.resetColumns')}
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}
