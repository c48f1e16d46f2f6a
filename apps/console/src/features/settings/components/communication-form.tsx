import { defaultCommunicationSettings, type Settings, updateCommunicationSettings } from '@holdfast/api';
import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import {
  communicationLimits,
  faultsOf,
  minTimeoutMs,
} from '../../../shared/communication/communication-rules.ts';
import { FormError } from '../../../shared/dialogs/form-dialog.tsx';
import { ConflictNotice, isRevisionConflict } from '../../../shared/forms/conflict-notice.tsx';
import { useLeaveWarning } from '../../../shared/forms/leave-warning.tsx';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import { Card } from '../../../shared/page/card.tsx';
import { Notice } from '../../../shared/page/notice.tsx';
import { usePermission } from '../../../shared/session/session-context.ts';
import { useTicking } from '../../../shared/time/use-ticking.ts';
import { settingsKey } from '../api/settings-query.ts';
import classes from './communication-form.module.css';
import { DurationSetting } from './duration-setting.tsx';

export interface CommunicationFormProps {
  /** As the server has them now; may change while the form is open. */
  readonly current: Settings;
}

export function CommunicationForm({ current }: CommunicationFormProps) {
  const { t } = useTranslation('settings');
  const api = useApi();
  const format = useFormat();
  const notify = useNotify();
  const queryClient = useQueryClient();
  const mayManage = usePermission('settings:manage');
  const [base, setBase] = useState(current);
  const [draft, setDraft] = useState(current.communication);
  const isChanged =
    draft.heartbeatIntervalMs !== base.communication.heartbeatIntervalMs ||
    draft.offlineTimeoutMs !== base.communication.offlineTimeoutMs;
  const isConflict = current.revision !== base.revision && isChanged;
  if (current.revision !== base.revision && !isChanged) {
    // Nothing typed yet: simply follow the server.
    setBase(current);
    setDraft(current.communication);
  }

  const saving = useMutation({
    mutationFn: () =>
      api.call(updateCommunicationSettings, { body: { revision: base.revision, communication: draft } }),
    onSuccess: (saved) => {
      queryClient.setQueryData(settingsKey, saved);
      setBase(saved);
      setDraft(saved.communication);
      notify.success(t('saved'));
    },
    onError: (error) => {
      if (isRevisionConflict(error)) void queryClient.invalidateQueries({ queryKey: settingsKey });
    },
  });
  const leaveWarning = useLeaveWarning(isChanged && mayManage);
  const faults = faultsOf(draft);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isChanged && faults.length === 0 && !isConflict) saving.mutate();
  };
  const adopt = (communication: Settings['communication']): void => {
    setBase(current);
    setDraft(communication);
    saving.reset();
  };

  return (
    <Card title={t('communication')} aside={<ChangedBy settings={current} />}>
      <form onSubmit={submit} noValidate className={classes.form}>
        <p className="hf-soft">{t('communicationText')}</p>
        {mayManage ? null : <Notice tone="info">{t('readOnly')}</Notice>}
        {isConflict ? (
          <ConflictNotice
            title={t('conflictTitle')}
            onTakeTheirs={() => adopt(current.communication)}
            onKeepMine={() => adopt(draft)}
          >
            {t('conflictText', {
              name: current.changedBy ?? t('somebody'),
              interval: format.duration(current.communication.heartbeatIntervalMs),
              timeout: format.duration(current.communication.offlineTimeoutMs),
            })}
          </ConflictNotice>
        ) : null}
        <DurationSetting
          label={t('interval')}
          description={t('intervalHelp')}
          range={t('intervalRange')}
          error={faults.includes('interval-range') ? t('intervalRange') : undefined}
          valueMs={draft.heartbeatIntervalMs}
          defaultMs={defaultCommunicationSettings.heartbeatIntervalMs}
          isReadOnly={!mayManage}
          onChange={(heartbeatIntervalMs) => setDraft({ ...draft, heartbeatIntervalMs })}
        />
        <DurationSetting
          label={t('timeout')}
          description={t('timeoutHelp')}
          range={t('timeoutBounds', {
            minimum: format.duration(lowestTimeoutMs(draft.heartbeatIntervalMs)),
          })}
          error={
            faults.includes('timeout-range')
              ? t('timeoutRange')
              : faults.includes('timeout-too-short')
                ? t('timeoutTooShort', {
                    minimum: format.duration(lowestTimeoutMs(draft.heartbeatIntervalMs)),
                  })
                : undefined
          }
          valueMs={draft.offlineTimeoutMs}
          defaultMs={defaultCommunicationSettings.offlineTimeoutMs}
          isReadOnly={!mayManage}
          onChange={(offlineTimeoutMs) => setDraft({ ...draft, offlineTimeoutMs })}
        />
        {saving.error === null || isRevisionConflict(saving.error) ? null : (
          <FormError error={saving.error} />
        )}
        {mayManage ? (
          <div className={classes.actions}>
            <Button
              type="submit"
              loading={saving.isPending}
              disabled={!isChanged || faults.length > 0 || isConflict}
            >
              {t('save')}
            </Button>
            <Button variant="default" disabled={!isChanged} onClick={() => adopt(current.communication)}>
              {t('discard')}
            </Button>
          </div>
        ) : null}
      </form>
      {leaveWarning}
    </Card>
  );
}

function lowestTimeoutMs(heartbeatIntervalMs: number): number {
  return Math.max(minTimeoutMs(heartbeatIntervalMs), minTimeoutMs(communicationLimits.minIntervalMs));
}

interface ChangedByProps {
  readonly settings: Settings;
}

function ChangedBy({ settings }: ChangedByProps) {
  const { t } = useTranslation('settings');
  const format = useFormat();
  const changedMs = settings.changedAt === null ? undefined : Date.parse(settings.changedAt);
  const ago = useTicking((nowMs) => (changedMs === undefined ? '' : format.ago(nowMs, changedMs)));
  if (changedMs === undefined) return t('neverChanged');
  return (
    <span title={format.exact(changedMs)}>
      {t('changedBy', { ago, name: settings.changedBy ?? t('somebody') })}
    </span>
  );
}
