import { useTranslation } from 'react-i18next';
import { countFittingTags } from './fitting-tags.ts';
import { TagChip } from './tag-chip.tsx';
import classes from './tag-chips.module.css';
import { findTag, useTags } from './tags-query.ts';

export interface TagChipsProps {
  readonly names: readonly string[];
  /** Pixels in which they should stand; those for which there is none are counted. */
  readonly room: number;
}

/** The tags of a device on one line. */
export function TagChips({ names, room }: TagChipsProps) {
  const { t } = useTranslation('tags');
  const tags = useTags();
  const shown = names.slice(0, countFittingTags(names, room));
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
