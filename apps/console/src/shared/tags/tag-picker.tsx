import { isTagName, MAX_TAG_NAME_LENGTH, type Tag, tagKeyOf } from '@holdfast/api';
import { Button, Checkbox, TextInput } from '@mantine/core';
import { IconPlus, IconSearch } from '../icons/icons.ts';
import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { TagDot } from './tag-chip.tsx';
import type { TagState } from './tag-choice.ts';
import classes from './tag-picker.module.css';
import { matchingTags } from './tag-search.ts';
import { findTag } from './tags-query.ts';

export interface TagPickerProps {
  readonly tags: readonly Tag[];
  /** Names that are to become tags, shown with the others. */
  readonly newNames?: readonly string[];
  readonly stateOf: (name: string) => TagState;
  /** Beside a tag, e.g. how many have it. */
  readonly detailOf?: (name: string) => string | undefined;
  readonly onToggle: (name: string) => void;
  readonly mayCreate: boolean;
}

/** Tags to tick, found by typing; a name that no tag has becomes one. Enter takes the first that is shown. */
export function TagPicker(props: TagPickerProps) {
  const { t } = useTranslation('tags');
  const [typed, setTyped] = useState('');
  const { tags, newNames = [], stateOf, onToggle, mayCreate } = props;
  const fresh = newNames.filter((name) => findTag(tags, name) === undefined);
  const all = [...fresh.map((name) => ({ name, colour: 'grey' as const })), ...tags];
  // As it was when the list was opened: a row that is clicked stays where it is.
  const [chosenAtFirst] = useState(
    () => new Set(tags.flatMap(({ name }) => (stateOf(name) === 'off' ? [] : name))),
  );
  const { shown, restCount } = matchingTags(all, typed, (name) => chosenAtFirst.has(name));
  const wanted = typed.trim();
  const isKnown = all.some((tag) => tagKeyOf(tag.name) === tagKeyOf(wanted));
  const isInvalid = wanted !== '' && !isTagName(wanted);
  const canCreate = mayCreate && wanted !== '' && !isInvalid && !isKnown;

  const take = (name: string): void => {
    onToggle(name);
    setTyped('');
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || wanted === '') return;
    // The form around it is not meant.
    event.preventDefault();
    const [first] = shown;
    if (canCreate && (first === undefined || tagKeyOf(first.name) !== tagKeyOf(wanted))) take(wanted);
    else if (first !== undefined) take(first.name);
  };

  return (
    <div className={classes.picker}>
      <TextInput
        aria-label={t(mayCreate ? 'picker.find' : 'picker.findOnly')}
        placeholder={t(mayCreate ? 'picker.find' : 'picker.findOnly')}
        leftSection={<IconSearch size={16} stroke={1.75} />}
        value={typed}
        maxLength={MAX_TAG_NAME_LENGTH}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        error={isInvalid && mayCreate ? t('nameInvalid') : undefined}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {canCreate ? (
        <Button
          variant="subtle"
          size="compact-sm"
          className={classes.create ?? ''}
          leftSection={<IconPlus size={14} />}
          onClick={() => take(wanted)}
        >
          {t('picker.create', { name: wanted })}
        </Button>
      ) : null}
      {all.length === 0 ? (
        <p className="hf-soft">{t(mayCreate ? 'picker.nothingYet' : 'picker.nothingYetReader')}</p>
      ) : shown.length === 0 && !canCreate ? (
        <p className="hf-soft">{t('picker.nothing')}</p>
      ) : (
        <ul className={classes.list} aria-label={t('picker.list')}>
          {shown.map(({ name, colour }) => {
            const state = stateOf(name);
            const detail = props.detailOf?.(name);
            return (
              <li key={name} className={classes.row}>
                <Checkbox
                  size="xs"
                  checked={state === 'on'}
                  indeterminate={state === 'some'}
                  label={
                    <span className={classes.label}>
                      <TagDot colour={colour} />
                      <span className={classes.name}>{name}</span>
                    </span>
                  }
                  onChange={() => onToggle(name)}
                />
                {detail === undefined ? null : <span className={classes.detail}>{detail}</span>}
              </li>
            );
          })}
        </ul>
      )}
      {restCount === 0 ? null : <p className="hf-soft">{t('picker.more', { count: restCount })}</p>}
    </div>
  );
}
