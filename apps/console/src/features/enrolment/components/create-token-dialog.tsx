import { createEnrolmentToken, type EnrolmentToken } from '@holdfast/api';
import { Button, Checkbox, NumberInput, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { Dialog } from '../../../shared/dialogs/dialog.tsx';
import { FormDialog } from '../../../shared/dialogs/form-dialog.tsx';
import { DurationField } from '../../../shared/forms/duration-field.tsx';
import { findTopGroup, GroupSelect } from '../../../shared/groups/group-select.tsx';
import { groupsQuery } from '../../../shared/groups/groups-query.ts';
import { CopyValue } from '../../../shared/page/copy-value.tsx';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { useTicking } from '../../../shared/time/use-ticking.ts';
import { tokensKey } from '../api/tokens-query.ts';
import classes from './create-token-dialog.module.css';

export interface CreateTokenDialogProps {
  readonly groupId: string | undefined;
  readonly onClose: () => void;
}

interface CreatedToken {
  readonly token: EnrolmentToken;
  readonly tokenString: string;
}

const dayMs = 86_400_000;
const minExpiryMs = 60_000;
const maxExpiryMs = 366 * dayMs;
const maxUses = 1_000_000;

export function CreateTokenDialog({ groupId: givenGroupId, onClose }: CreateTokenDialogProps) {
  const { t } = useTranslation('enrolment');
  const api = useApi();
  const queryClient = useQueryClient();
  const groups = useQuery(groupsQuery(api)).data ?? [];
  const [name, setName] = useState('');
  const [chosenGroupId, setGroupId] = useState(givenGroupId);
  const [uses, setUses] = useState<number | ''>(1);
  const [expiryMs, setExpiryMs] = useState(7 * dayMs);
  const [isApprovalNeeded, setApprovalNeeded] = useState(false);
  const [created, setCreated] = useState<CreatedToken>();
  if (created !== undefined) return <TokenCreated created={created} onClose={onClose} />;

  // Devices that nobody has sorted yet go to "New devices", the fixed group below the top.
  const newDevices = groups.find((group) => group.isFixed && group.parentId !== null);
  const groupId = chosenGroupId ?? newDevices?.id ?? findTopGroup(groups)?.id;
  const expiryError =
    expiryMs < minExpiryMs
      ? t('dialog.expiryTooShort')
      : expiryMs > maxExpiryMs
        ? t('dialog.expiryTooLong')
        : undefined;
  const areUsesValid = uses === '' || (Number.isInteger(uses) && uses >= 1 && uses <= maxUses);
  const isReady = name.trim() !== '' && groupId !== undefined && expiryError === undefined && areUsesValid;
  const submit = async (): Promise<void> => {
    if (groupId === undefined) return;
    const answer = await api.call(createEnrolmentToken, {
      body: {
        name: name.trim(),
        groupId,
        maxUses: uses === '' ? null : uses,
        expiresInMs: expiryMs,
        isApprovalNeeded,
      },
    });
    void queryClient.invalidateQueries({ queryKey: tokensKey });
    setCreated(answer);
  };
  return (
    <FormDialog
      title={t('dialog.title')}
      submitText={t('dialog.submit')}
      isReady={isReady}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label={t('dialog.name')}
        description={t('dialog.nameHelp')}
        value={name}
        maxLength={128}
        data-autofocus
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <GroupSelect label={t('dialog.group')} value={groupId} onChange={setGroupId} />
      <NumberInput
        label={t('dialog.uses')}
        description={t('dialog.usesHelp')}
        error={areUsesValid ? undefined : t('dialog.usesInvalid')}
        value={uses}
        min={1}
        max={maxUses}
        allowDecimal={false}
        allowNegative={false}
        onChange={(value) => setUses(typeof value === 'number' ? value : '')}
      />
      <DurationField
        label={t('dialog.expiry')}
        valueMs={expiryMs}
        units={['minute', 'hour', 'day']}
        error={expiryError}
        onChange={setExpiryMs}
      />
      <Checkbox
        label={t('dialog.approval')}
        description={t('dialog.approvalHelp')}
        checked={isApprovalNeeded}
        onChange={(event) => setApprovalNeeded(event.currentTarget.checked)}
      />
    </FormDialog>
  );
}

interface TokenCreatedProps {
  readonly created: CreatedToken;
  readonly onClose: () => void;
}

/** The only time that the token is seen. A stray click or Escape does not close it. */
function TokenCreated({ created, onClose }: TokenCreatedProps) {
  const { t } = useTranslation(['enrolment', 'common']);
  const format = useFormat();
  const { token, tokenString } = created;
  const ago = useTicking((nowMs) => format.ago(nowMs, Date.parse(token.expiresAt)));
  const uses =
    token.maxUses === null ? t('created.usesUnlimited') : t('created.usesOnce', { count: token.maxUses });
  return (
    <Dialog title={t('created.title', { name: token.name })} size="lg" onClose={onClose} isSticky>
      <div className={classes.created}>
        <p>{t('created.text')}</p>
        <div>
          <p className={classes.label}>{t('created.command')}</p>
          <CopyValue value={`holdfast agent enroll ${tokenString}`} what={t('created.whatCommand')} isBlock />
        </div>
        <div>
          <p className={classes.label}>{t('created.token')}</p>
          <CopyValue value={tokenString} what={t('created.whatToken')} isBlock />
        </div>
        <p className="hf-soft">
          {t('created.facts', {
            group: token.groupPath.length === 0 ? t('topGroup') : token.groupPath.join(' / '),
            uses,
            ago,
          })}{' '}
          {token.isApprovalNeeded ? t('created.approval') : null}
        </p>
        <div className={classes.actions}>
          <Button onClick={onClose}>{t('common:action.done')}</Button>
        </div>
      </div>
    </Dialog>
  );
}
