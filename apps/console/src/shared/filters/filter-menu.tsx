import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconChevronDown, IconX } from '../icons/icons.ts';
import { useTranslation } from 'react-i18next';
import classes from './filter-menu.module.css';

export interface FilterOption<Value extends string> {
  readonly value: Value;
  readonly text: string;
  /** How many rows it would show, where known. */
  readonly count?: string | undefined;
}

export interface FilterMenuProps<Value extends string> {
  readonly name: string;
  readonly value: Value | undefined;
  readonly options: readonly FilterOption<Value>[];
  readonly onChange: (value: Value | undefined) => void;
  /** Options may be asked for now, and come while the menu is open. */
  readonly onOpen?: () => void;
  readonly isOpenFirst?: boolean;
}

/** Stands for no filter; no option may be called so. */
const everything = '*';

/** A filter as a chip: a menu while it is off, its value with a cross while it is on. */
export function FilterMenu<Value extends string>({
  name,
  value,
  options,
  onChange,
  onOpen,
  isOpenFirst = false,
}: FilterMenuProps<Value>) {
  const { t } = useTranslation('common');
  const chosen = options.find((option) => option.value === value);
  return (
    <span className={classes.chip} data-active={chosen === undefined ? undefined : true}>
      <Menu position="bottom-start" defaultOpened={isOpenFirst} {...(onOpen === undefined ? {} : { onOpen })}>
        <Menu.Target>
          <Button
            variant="default"
            size="compact-sm"
            className={classes.button ?? ''}
            rightSection={<IconChevronDown size={14} />}
          >
            {chosen === undefined ? name : t('filter.label', { name, value: chosen.text })}
          </Button>
        </Menu.Target>
        <Menu.Dropdown className={classes.options ?? ''}>
          <Menu.RadioGroup
            value={value ?? everything}
            onChange={(next) => onChange(options.find((option) => option.value === next)?.value)}
          >
            <Menu.RadioItem value={everything} closeMenuOnClick>
              {t('filter.all')}
            </Menu.RadioItem>
            {options.map((option) => (
              <Menu.RadioItem
                key={option.value}
                value={option.value}
                closeMenuOnClick
                rightSection={
                  option.count === undefined ? null : <span className="hf-soft">{option.count}</span>
                }
              >
                {option.text}
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
        </Menu.Dropdown>
      </Menu>
      {chosen === undefined ? null : (
        <ActionIcon
          className={classes.clear ?? ''}
          size={24}
          aria-label={t('filter.clear', { name })}
          onClick={() => onChange(undefined)}
        >
          <IconX size={14} />
        </ActionIcon>
      )}
    </span>
  );
}
