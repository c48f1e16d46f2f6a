import type { Group } from '@holdfast/api';
import { IconRecycle, IconTags } from '../../../shared/icons/icons.ts';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { buildGroupTree } from '../../../shared/groups/group-tree.ts';
import { useExpandedGroups } from '../use-expanded-groups.ts';
import { GroupActions } from './group-actions.tsx';
import classes from './group-pane.module.css';
import { GroupTree } from './group-tree.tsx';

export interface GroupPaneProps {
  readonly groups: readonly Group[];
  readonly selected: Group | undefined;
  readonly onSelect: (groupId: string | undefined) => void;
}

export function GroupPane({ groups, selected, onSelect }: GroupPaneProps) {
  const { t } = useTranslation(['directory', 'shell']);
  const { expandedIds, onExpand } = useExpandedGroups(groups, selected?.id);
  return (
    <section className={classes.pane} aria-label={t('groups.title')}>
      <div className={classes.head}>
        <h2 className={classes.title}>{t('groups.title')}</h2>
        {selected !== undefined ? (
          <GroupActions group={selected} groups={groups} onSelect={onSelect} />
        ) : null}
      </div>
      <div className={classes.scroll}>
        <GroupTree
          roots={buildGroupTree(groups)}
          selectedId={selected?.id}
          expandedIds={expandedIds}
          onSelect={onSelect}
          onExpand={onExpand}
        />
      </div>
      <div className={classes.foot}>
        <Link to="/directory/tags" className={classes.link}>
          <IconTags size={16} stroke={1.75} aria-hidden="true" />
          {t('shell:nav.tags')}
        </Link>
        <Link to="/directory/recycle-bin" className={classes.link}>
          <IconRecycle size={16} stroke={1.75} aria-hidden="true" />
          {t('shell:nav.recycleBin')}
        </Link>
      </div>
    </section>
  );
}
