import { type Tag, tagKeyOf } from '@holdfast/api';
import { Checkbox, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { TagDot } from '../../../shared/tags/tag-chip.tsx';
import { matchingTags } from '../../../shared/tags/tag-search.ts';
import { findTag } from '../../../shared/tags/tags-query.ts';
import { type TagFilterChoice, toggleFilterTag } from '../tag-filter-choice.ts';
import classes from './tag-filter.module.css';

export interface TagFilterProps {
  readonly tags: readonly Tag[];
  readonly chosen: TagFilterChoice;
  readonly onChange: (chosen: TagFilterChoice) => void;
}

/** All tags to choose from, each on the one side or the other. */
export function TagFilterList({ tags, chosen, onChange }: TagFilterProps) {
  const { t } = useTranslation('tags');
  const format = useFormat();
  const [typed, setTyped] = useState('');
  const chosenNames = [...chosen.having, ...chosen.without];
  // A tag of a link that is not there any more is shown, so that it can be taken out.
  const unknown = chosenNames
    .filter((name) => findTag(tags, name) === undefined)
    .map((name) => ({ name, colour: 'grey' as const, deviceCount: 0 }));
  const [chosenAtFirst] = useState(() => new Set(chosenNames));
  const { shown, restCount } = matchingTags([...unknown, ...tags], typed, (name) => chosenAtFirst.has(name));
  const isOn = (side: keyof TagFilterChoice, name: string): boolean =>
    chosen[side].some((other) => tagKeyOf(other) === tagKeyOf(name));
  return (
    <>
      <TextInput
        aria-label={t('picker.findOnly')}
        placeholder={t('picker.findOnly')}
        value={typed}
        maxLength={40}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <div className={classes.head} aria-hidden="true">
        <span>{t('filter.with')}</span>
        <span>{t('filter.without')}</span>
      </div>
      {shown.length === 0 ? <p className="hf-soft">{t('picker.nothing')}</p> : null}
      <ul className={classes.list}>
        {shown.map((tag) => (
          <li key={tag.name} className={classes.row}>
            <Checkbox
              size="xs"
              aria-label={t('filter.withName', { name: tag.name })}
              checked={isOn('having', tag.name)}
              label={
                <span className={classes.label}>
                  <TagDot colour={tag.colour} />
                  <span className={classes.name}>{tag.name}</span>
                  <span className="hf-soft">{format.count(tag.deviceCount)}</span>
                </span>
              }
              onChange={() => onChange(toggleFilterTag(chosen, 'having', tag.name))}
            />
            <Checkbox
              size="xs"
              aria-label={t('filter.withoutName', { name: tag.name })}
              checked={isOn('without', tag.name)}
              onChange={() => onChange(toggleFilterTag(chosen, 'without', tag.name))}
            />
          </li>
        ))}
      </ul>
      {restCount === 0 ? null : <p className="hf-soft">{t('picker.more', { count: restCount })}</p>}
      <p className={classes.foot}>
        <span className="hf-soft">{t('filter.all')}</span>
        <Link to="/directory/tags">{t('filter.manage')}</Link>
      </p>
    </>
  );
}
