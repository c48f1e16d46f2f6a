import {
  type Administrator,
  builtInRoleIds,
  type GrantChoice,
  giveGrant,
  type HeldGrant,
  takeGrant,
} from '@holdfast/api';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { FormDialog } from '../../../shared/dialogs/form-dialog.tsx';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import { useGrantText } from '../../../shared/session/use-grant-text.ts';
import { RowAction } from '../../../shared/table/row-action.tsx';
import { administratorsKey, rolesKey } from '../api/access-queries.ts';
import { GrantFields } from './grant-fields.tsx';
import classes from './grants.module.css';

export interface GrantsDialogProps {
  /** As the list has it now: it follows what is given and taken here. */
  readonly administrator: Administrator;
  readonly onClose: () => void;
}

/** What an administrator has, each with the way to take it, and one more to give. Each counts at once. */
export function GrantsDialog({ administrator, onClose }: GrantsDialogProps) {
  const { t } = useTranslation('access');
  const api = useApi();
  const notify = useNotify();
  const queryClient = useQueryClient();
  const text = useGrantText();
  const [choice, setChoice] = useState<GrantChoice>({ roleId: builtInRoleIds.auditor, groupId: null });
  const { id: administratorId, displayName: name, grants } = administrator;
  const isHeld = grants.some(({ roleId, groupId }) => roleId === choice.roleId && groupId === choice.groupId);
  const refresh = async (): Promise<void> => {
    await queryClient.invalidateQueries({ queryKey: administratorsKey });
    void queryClient.invalidateQueries({ queryKey: rolesKey });
  };
  const take = (grant: HeldGrant): void => {
    api.call(takeGrant, { params: { administratorId, grantId: grant.id } }).then(async () => {
      await refresh();
      notify.success(t('grants.taken', { name, grant: text.one(grant) }));
    }, notify.error);
  };
  return (
    <FormDialog
      title={t('grants.title', { name })}
      submitText={t('grants.give')}
      cancelText={t('grants.close')}
      isReady={!isHeld}
      onSubmit={async () => {
        await api.call(giveGrant, { params: { administratorId }, body: choice });
        await refresh();
      }}
      onClose={onClose}
    >
      <p className="hf-soft">{t('grants.help')}</p>
      {grants.length === 0 ? <p>{t('grants.noneYet', { name })}</p> : null}
      <ul className={classes.list} aria-label={t('grants.list', { name })}>
        {grants.map((grant) => (
          <li key={grant.id} className={classes.item}>
            <span>{text.one(grant)}</span>
            <RowAction
              text={t('grants.take')}
              name={t('grants.takeName', { grant: text.one(grant) })}
              onClick={() => take(grant)}
            />
          </li>
        ))}
      </ul>
      <GrantFields value={choice} onChange={setChoice} />
      {isHeld ? (
        <p className="hf-soft" role="status">
          {t('grants.isHeld', { name })}
        </p>
      ) : null}
    </FormDialog>
  );
}
