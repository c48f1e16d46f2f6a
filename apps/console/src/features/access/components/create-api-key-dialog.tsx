import { type Permission, createApiKey, permissions, permissionTexts, type ResponseOf } from '@holdfast/api';
import { Button, Checkbox, Code, Select, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { FormDialog } from '../../../shared/dialogs/form-dialog.tsx';
import { SecretDialog } from '../../../shared/dialogs/secret-dialog.tsx';
import { GroupSelect } from '../../../shared/groups/group-select.tsx';
import { usePermissionsIn } from '../../../shared/groups/use-permission-in.ts';
import { apiKeyPresets, findPreset, permissionsOf } from '../api-key-presets.ts';
import { permissionGroupsOf } from '../permission-groups.ts';
import { apiKeysKey } from '../api/access-queries.ts';
import classes from './create-api-key-dialog.module.css';

export interface CreateApiKeyDialogProps {
  readonly onClose: () => void;
}

const expiries = ['30', '90', '365', 'never'] as const;
type Expiry = (typeof expiries)[number];
const dayMs = 86_400_000;

export function CreateApiKeyDialog({ onClose }: CreateApiKeyDialogProps) {
  const { t } = useTranslation('access');
  const api = useApi();
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<readonly Permission[]>([]);
  // Nothing is chosen at first, so that nobody gives more by not looking; that is a fault only after a choice.
  const [isTouched, setTouched] = useState(false);
  const choose = (next: readonly Permission[]): void => {
    setChosen(next);
    setTouched(true);
  };
  const [scopeGroupId, setScopeGroupId] = useState<string>();
  const own = usePermissionsIn(scopeGroupId);
  // What was chosen before the group, and cannot be given there, is not given.
  const wanted = chosen.filter((permission) => own.includes(permission));
  const preset = findPreset(wanted, own);
  const [expiry, setExpiry] = useState<Expiry>('365');
  const [created, setCreated] = useState<ResponseOf<typeof createApiKey>>();
  if (created !== undefined) {
    return (
      <SecretDialog
        title={t('apiKeys.keyTitle', { name: created.apiKey.name })}
        text={
          <>
            {t('apiKeys.keyText')} <Code>Authorization: Bearer …</Code>
          </>
        }
        value={created.key}
        what={t('apiKeys.keyName')}
        onClose={onClose}
      />
    );
  }
  const submit = async (): Promise<void> => {
    const answer = await api.call(createApiKey, {
      body: {
        name: name.trim(),
        permissions: wanted,
        ...(scopeGroupId === undefined ? {} : { scopeGroupId }),
        ...(expiry === 'never' ? {} : { expiresInMs: Number(expiry) * dayMs }),
      },
    });
    void queryClient.invalidateQueries({ queryKey: apiKeysKey });
    setCreated(answer);
  };
  return (
    <FormDialog
      title={t('apiKeys.createTitle')}
      submitText={t('apiKeys.create')}
      size="lg"
      isReady={name.trim() !== '' && wanted.length > 0}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label={t('apiKeys.name')}
        description={t('apiKeys.nameHelp')}
        value={name}
        maxLength={128}
        data-autofocus
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Checkbox.Group
        label={t('apiKeys.permissionsLabel')}
        description={t('apiKeys.permissionsHelp')}
        error={isTouched && wanted.length === 0 ? t('apiKeys.permissionsRequired') : undefined}
        value={wanted}
        onChange={(values) => choose(permissions.filter((permission) => values.includes(permission)))}
      >
        <div className={classes.presets} role="group" aria-label={t('apiKeys.presets')}>
          {apiKeyPresets.map((one) => (
            <Button
              key={one}
              size="compact-sm"
              variant={one === preset ? 'light' : 'default'}
              aria-pressed={one === preset}
              onClick={() => choose(permissionsOf(one, own))}
            >
              {t(`apiKeys.preset.${one}`)}
            </Button>
          ))}
        </div>
        <p className={classes.help}>{t('apiKeys.presetHelp')}</p>
        {permissionGroupsOf(own).map(({ topic, permissions: ofTopic }) => (
          <div key={topic} role="group" aria-label={t(`apiKeys.topic.${topic}`)}>
            <p className={classes.topic} aria-hidden="true">
              {t(`apiKeys.topic.${topic}`)}
            </p>
            <div className={classes.permissions}>
              {ofTopic.map((permission) => (
                <Checkbox
                  key={permission}
                  size="xs"
                  value={permission}
                  label={
                    <>
                      {permissionTexts[permission]} <code className={classes.name}>{permission}</code>
                    </>
                  }
                />
              ))}
            </div>
          </div>
        ))}
      </Checkbox.Group>
      <GroupSelect
        label={t('apiKeys.scopeLabel')}
        description={t('apiKeys.scopeHelp')}
        emptyText={t('apiKeys.scopeEmpty')}
        value={scopeGroupId}
        onChange={setScopeGroupId}
      />
      <Select
        label={t('apiKeys.expiryLabel')}
        value={expiry}
        allowDeselect={false}
        data={expiries.map((value) => ({ value, label: t(`apiKeys.expiryOptions.${value}`) }))}
        onChange={(value) => {
          const next = expiries.find((candidate) => candidate === value);
          if (next !== undefined) setExpiry(next);
        }}
      />
    </FormDialog>
  );
}
