import { type ServerAddressSettings, updateServerAddresses } from '@holdfast/api';
import { Button, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { FormError } from '../../../shared/dialogs/form-dialog.tsx';
import { ConflictNotice, isRevisionConflict } from '../../../shared/forms/conflict-notice.tsx';
import { useLeaveWarning } from '../../../shared/forms/leave-warning.tsx';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import { Card } from '../../../shared/page/card.tsx';
import { usePermission } from '../../../shared/session/session-context.ts';
import { serverAddressesKey } from '../api/settings-query.ts';
import classes from './communication-form.module.css';

export interface AddressesFormProps {
  /** As the server has them now; may change while the form is open. */
  readonly current: ServerAddressSettings;
}

/** Where agents are told to reach the server, one address a line. */
export function AddressesForm({ current }: AddressesFormProps) {
  const { t } = useTranslation('settings');
  const api = useApi();
  const notify = useNotify();
  const queryClient = useQueryClient();
  const mayManage = usePermission('settings:manage');
  const [base, setBase] = useState(current);
  const [draft, setDraft] = useState(textOf(current));
  const isChanged = draft !== textOf(base);
  const isConflict = current.revision !== base.revision && isChanged;
  const adopt = (settings: ServerAddressSettings, text = textOf(settings)): void => {
    setBase(settings);
    setDraft(text);
  };
  // Nothing typed yet: simply follow the server.
  if (current.revision !== base.revision && !isChanged) adopt(current);
  const saving = useMutation({
    mutationFn: () =>
      api.call(updateServerAddresses, { body: { revision: base.revision, addresses: linesOf(draft) } }),
    onSuccess: (saved) => {
      queryClient.setQueryData(serverAddressesKey, saved);
      adopt(saved);
      notify.success(t('saved'));
    },
    onError: (error) => {
      if (isRevisionConflict(error)) void queryClient.invalidateQueries({ queryKey: serverAddressesKey });
    },
  });
  const leaveWarning = useLeaveWarning(isChanged && mayManage);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isChanged && !isConflict) saving.mutate();
  };
  return (
    <Card title={t('addresses.title')}>
      <form onSubmit={submit} noValidate className={classes.form}>
        <p className="hf-soft">{t('addresses.text')}</p>
        {isConflict ? (
          <ConflictNotice
            title={t('conflictTitle')}
            onTakeTheirs={() => adopt(current)}
            onKeepMine={() => adopt(current, draft)}
          >
            {t('addresses.conflict', {
              name: current.changedBy ?? t('somebody'),
              addresses: current.addresses.join(', '),
            })}
          </ConflictNotice>
        ) : null}
        <Textarea
          label={t('addresses.label')}
          description={t('addresses.help', { own: current.ownAddresses.join(', ') })}
          autosize
          minRows={2}
          maxRows={8}
          spellCheck={false}
          readOnly={!mayManage}
          value={draft}
          onChange={(event) => setDraft(event.currentTarget.value)}
        />
        {saving.error === null || isRevisionConflict(saving.error) ? null : (
          <FormError error={saving.error} />
        )}
        {mayManage ? (
          <div className={classes.actions}>
            <Button type="submit" loading={saving.isPending} disabled={!isChanged || isConflict}>
              {t('addresses.save')}
            </Button>
            <Button variant="default" disabled={!isChanged} onClick={() => adopt(current)}>
              {t('discard')}
            </Button>
          </div>
        ) : null}
      </form>
      {leaveWarning}
    </Card>
  );
}

function textOf({ addresses }: ServerAddressSettings): string {
  return addresses.join('\n');
}

function linesOf(text: string): string[] {
  return text.split(/\s+/).filter((line) => line !== '');
}
