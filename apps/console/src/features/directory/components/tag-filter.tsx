import { ActionIcon, Button, Popover } from '@mantine/core';
import { IconChevronDown, IconX } from '../../../shared/icons/icons.ts';
import { useTranslation } from 'react-i18next';
import filterClasses from '../../../shared/filters/filter-menu.module.css';
import { lateComponent } from '../../../shared/late/late-component.tsx';
import type { TagFilterProps } from './tag-filter-list.tsx';
import classes from './tag-filter.module.css';

const TagFilterList = lateComponent(() => import('./tag-filter-list.tsx'), 'TagFilterList');

/** The filter by tags as a chip: devices that have all of some tags, and none of others. */
export function TagFilter({ tags, chosen, onChange }: TagFilterProps) {
  const { t } = useTranslation(['tags', 'common']);
  const words = [...chosen.having, ...chosen.without.map((name) => t('filter.not', { name }))];
  const isActive = words.length > 0;
  return (
    <span className={filterClasses.chip} data-active={isActive || undefined}>
      <Popover position="bottom-start" width={320} trapFocus returnFocus>
        <Popover.Target>
          <Button
            variant="default"
            size="compact-sm"
            className={`${filterClasses.button} ${classes.button}`}
            rightSection={<IconChevronDown size={14} />}
          >
            {isActive
              ? t('common:filter.label', { name: t('filter.name'), value: words.join(', ') })
              : t('filter.name')}
          </Button>
        </Popover.Target>
        <Popover.Dropdown p="xs" aria-label={t('filter.label')}>
          <TagFilterList tags={tags} chosen={chosen} onChange={onChange} />
        </Popover.Dropdown>
      </Popover>
      {isActive ? (
        <ActionIcon
          className={filterClasses.clear ?? ''}
          size={24}
          aria-label={t('common:filter.clear', { name: t('filter.name') })}
          onClick={() => onChange({ having: [], without: [] })}
        >
          <IconX size={14} />
        </ActionIcon>
      ) : null}
    </span>
  );
}
