import { changeComponentSource, type ComponentSource, createComponentSource } from '@holdfast/api';
import { Input, PasswordInput, SegmentedControl, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { FormDialog } from '../../../shared/dialogs/form-dialog.tsx';
import { componentsKey } from '../api/component-key.ts';
import classes from './source-dialog.module.css';

export interface SourceDialogProps {
  /** The one that is changed; absent for a new one. */
  readonly source?: ComponentSource | undefined;
  /** Told of a new one in the place of `onClose`, where something is to be done with it next. */
  readonly onAdded?: ((source: ComponentSource) => void) | undefined;
  readonly onClose: () => void;
}

/** Adds a source of components, or changes one. */
export function SourceDialog({ source, onAdded, onClose }: SourceDialogProps) {
  const { t } = useTranslation('components');
  const api = useApi();
  const queryClient = useQueryClient();
  const [kind, setKind] = useState(source?.kind ?? 'web');
  const [name, setName] = useState(source?.name ?? '');
  const [address, setAddress] = useState(source?.address ?? '');
  const [userName, setUserName] = useState(source?.userName ?? '');
  const [password, setPassword] = useState('');
  const [proxy, setProxy] = useState(source?.proxy ?? '');
  const [proxyUserName, setProxyUserName] = useState(source?.proxyUserName ?? '');
  const [proxyPassword, setProxyPassword] = useState('');
  const isWeb = kind === 'web';
  // Passwords belong to the place that they were given for; the server forgets them with it.
  const isElsewhere =
    source !== undefined &&
    (address.trim() !== source.address ||
      toText(proxy) !== source.proxy ||
      toText(userName) !== source.userName);
  const isProxyElsewhere =
    source !== undefined &&
    (toText(proxy) !== source.proxy || toText(proxyUserName) !== source.proxyUserName);

  const submit = async (): Promise<void> => {
    const settings = {
      name: name.trim(),
      address: address.trim(),
      proxy: isWeb ? toText(proxy) : null,
      userName: isWeb ? toText(userName) : null,
      proxyUserName: isWeb ? toText(proxyUserName) : null,
      ...(password === '' ? {} : { password }),
      ...(proxyPassword === '' ? {} : { proxyPassword }),
    };
    if (source === undefined) {
      const added = await api.call(createComponentSource, { body: { kind, ...settings } });
      await queryClient.invalidateQueries({ queryKey: componentsKey });
      if (onAdded === undefined) onClose();
      else onAdded(added);
      return;
    }
    const params = { sourceId: source.id };
    await api.call(changeComponentSource, { params, body: { ...settings, revision: source.revision } });
    await queryClient.invalidateQueries({ queryKey: componentsKey });
    onClose();
  };

  return (
    <FormDialog
      title={source === undefined ? t('sources.addTitle') : t('sources.changeTitle', { name: source.name })}
      submitText={t(source === undefined ? 'sources.add' : 'sources.save')}
      size="lg"
      isReady={name.trim() !== '' && address.trim() !== ''}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label={t('sources.name')}
        description={t('sources.nameHelp')}
        value={name}
        maxLength={128}
        data-autofocus
        onChange={(event) => setName(event.currentTarget.value)}
      />
      {source === undefined ? (
        <Input.Wrapper label={t('sources.kindLabel')} labelElement="div">
          <div>
            <SegmentedControl
              aria-label={t('sources.kindLabel')}
              value={kind}
              data={(['web', 'folder'] as const).map((value) => ({
                value,
                label: t(`sources.kind.${value}`),
              }))}
              onChange={(value) => setKind(value === 'folder' ? 'folder' : 'web')}
            />
          </div>
        </Input.Wrapper>
      ) : null}
      <TextInput
        label={t(`sources.addressOf.${kind}`)}
        description={t(`sources.addressHelp.${kind}`)}
        placeholder={isWeb ? 'https://' : '/srv/components'}
        type={isWeb ? 'url' : 'text'}
        value={address}
        maxLength={2_000}
        onChange={(event) => setAddress(event.currentTarget.value)}
      />
      {isWeb ? (
        <>
          <div className={classes.pair}>
            <TextInput
              label={t('sources.userName')}
              description={t('sources.userNameHelp')}
              value={userName}
              maxLength={200}
              autoComplete="off"
              onChange={(event) => setUserName(event.currentTarget.value)}
            />
            <PasswordInput
              label={t('sources.password')}
              description={passwordHelp(source?.hasPassword === true, isElsewhere)}
              value={password}
              maxLength={500}
              disabled={userName.trim() === ''}
              autoComplete="new-password"
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
          </div>
          <TextInput
            label={t('sources.proxy')}
            description={t('sources.proxyHelp')}
            placeholder="http://proxy.example.org:3128"
            value={proxy}
            maxLength={300}
            onChange={(event) => setProxy(event.currentTarget.value)}
          />
          {proxy.trim() === '' ? null : (
            <div className={classes.pair}>
              <TextInput
                label={t('sources.proxyUserName')}
                description={t('sources.userNameHelp')}
                value={proxyUserName}
                maxLength={200}
                autoComplete="off"
                onChange={(event) => setProxyUserName(event.currentTarget.value)}
              />
              <PasswordInput
                label={t('sources.proxyPassword')}
                description={passwordHelp(source?.hasProxyPassword === true, isProxyElsewhere)}
                value={proxyPassword}
                maxLength={500}
                disabled={proxyUserName.trim() === ''}
                autoComplete="new-password"
                onChange={(event) => setProxyPassword(event.currentTarget.value)}
              />
            </div>
          )}
        </>
      ) : null}
    </FormDialog>
  );

  function passwordHelp(isKept: boolean, isForgotten: boolean): string {
    if (!isKept) return t('sources.passwordHelp');
    return t(isForgotten ? 'sources.passwordAgain' : 'sources.passwordKept');
  }
}

/** Null for nothing. */
function toText(typed: string): string | null {
  return typed.trim() === '' ? null : typed.trim();
}
