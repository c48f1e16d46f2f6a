import { createEnrolmentToken } from '@holdfast/api';
import { Checkbox, NumberInput, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { FormDialog } from '../../../shared/dialogs/form-dialog.tsx';
import { DurationField } from '../../../shared/forms/duration-field.tsx';
import { GroupSelect } from '../../../shared/groups/group-select.tsx';
import { findTopGroup } from '../../../shared/groups/group-tree.ts';
import { groupsQuery } from '../../../shared/groups/groups-query.ts';
import { tokensKey } from '../api/tokens-query.ts';
import type { CreatedToken } from './install-by-line.tsx';
import { TokenCreated } from './token-created.tsx';

export interface CreateTokenDialogProps {
  readonly groupId: string | undefined;
  readonly onClose: () => void;
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
