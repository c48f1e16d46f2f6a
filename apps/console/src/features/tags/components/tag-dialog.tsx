import {
  changeTag,
  createTag,
  isTagName,
  MAX_TAG_NAME_LENGTH,
  type Tag,
  type TagColour,
  tagColours,
} from '@holdfast/api';
import { Radio, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { FormDialog } from '../../../shared/dialogs/form-dialog.tsx';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import { TagDot } from '../../../shared/tags/tag-chip.tsx';
import { tagsKey } from '../../../shared/tags/tags-query.ts';
import classes from './tag-dialog.module.css';

export interface TagDialogProps {
  /** Undefined to create one. */
  readonly tag: Tag | undefined;
  readonly onClose: () => void;
}

export function TagDialog({ tag, onClose }: TagDialogProps) {
  const { t } = useTranslation(['tags', 'common']);
  const api = useApi();
  const notify = useNotify();
  const queryClient = useQueryClient();
  const [name, setName] = useState(tag?.name ?? '');
  const [description, setDescription] = useState(tag?.description ?? '');
  const [colour, setColour] = useState<TagColour>(tag?.colour ?? 'grey');
  const isGood = isTagName(name.trim());
  const isRenamed = tag !== undefined && name.trim() !== tag.name;

  const submit = async (): Promise<void> => {
    const fields = { name: name.trim(), description: description.trim(), colour };
    const saved =
      tag === undefined
        ? await api.call(createTag, { body: fields })
        : await api.call(changeTag, {
            params: { tagId: tag.id },
            body: { ...fields, revision: tag.revision },
          });
    await queryClient.invalidateQueries({ queryKey: tagsKey });
    onClose();
    notify.success(t(tag === undefined ? 'created' : 'changed', { name: saved.name }));
  };

  return (
    <FormDialog
      title={tag === undefined ? t('createTitle') : t('editTitle', { name: tag.name })}
      submitText={tag === undefined ? t('create') : t('common:action.save')}
      isReady={isGood}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label={t('name')}
        description={t('nameHelp', { max: MAX_TAG_NAME_LENGTH })}
        value={name}
        maxLength={MAX_TAG_NAME_LENGTH}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        error={name.trim() === '' || isGood ? undefined : t('nameInvalid')}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      {isRenamed && tag.deviceCount > 0 ? (
        <p className="hf-soft">{t('renameEffect', { count: tag.deviceCount })}</p>
      ) : null}
      <TextInput
        label={t('descriptionLabel')}
        description={t('descriptionHelp')}
        value={description}
        maxLength={200}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <Radio.Group
        label={t('colourLabel')}
        value={colour}
        onChange={(value) => setColour(tagColours.find((known) => known === value) ?? 'grey')}
      >
        <div className={classes.colours}>
          {tagColours.map((known) => (
            <Radio
              key={known}
              size="xs"
              value={known}
              label={
                <span className={classes.colour}>
                  <TagDot colour={known} />
                  {t(`colour.${known}`)}
                </span>
              }
            />
          ))}
        </div>
      </Radio.Group>
    </FormDialog>
  );
}
