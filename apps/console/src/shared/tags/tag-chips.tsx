import { useTranslation } from 'react-i18next';
import { TagChip } from './tag-chip.tsx';
import classes from './tag-chips.module.css';
import { findTag, useTags } from './tags-query.ts';

export interface TagChipsProps {
  readonly names: readonly string[];
  /** As many as are shown; the rest is counted. */
  readonly max: number;
}

/** The tags of a device on one line. */
export function TagChips({ names, max }: TagChipsProps) {
  const { t } = useTranslation('tags');
  const tags = useTags();
  const shown = names.slice(0, max);
  const rest = names.slice(shown.length);
  return (
    <span className={classes.chips}>
      {shown.map((name) => {
        const tag = findTag(tags, name);
        return <TagChip key={name} name={name} colour={tag?.colour ?? 'grey'} title={tag?.description} />;
      })}
      {rest.length === 0 ? null : (
        <span className={classes.rest} title={rest.join(', ')}>
          <span aria-hidden="true">+{rest.length}</span>
          <span className="hf-visually-hidden">
            {t('more', { count: rest.length, names: rest.join(', ') })}
          </span>
        </span>
      )}
    </span>
  );
}
