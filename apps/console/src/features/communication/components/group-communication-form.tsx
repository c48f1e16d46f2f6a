import {
  type CommunicationValueName,
  describeSchedule,
  type EffectiveCommunication,
  type GroupCommunication,
  modeChoices,
  type OwnCommunication,
  transportChoices,
  updateGroupCommunication,
} from '@holdfast/api';
import { Button, NumberInput, Select } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { minTimeoutMs } from '../../../shared/communication/communication-rules.ts';
import { groupCommunicationKey } from '../../../shared/communication/group-communication-query.ts';
import { FormError } from '../../../shared/dialogs/form-dialog.tsx';
import { ConflictNotice, isRevisionConflict } from '../../../shared/forms/conflict-notice.tsx';
import { DurationField } from '../../../shared/forms/duration-field.tsx';
import { useLeaveWarning } from '../../../shared/forms/leave-warning.tsx';
import { usePermissionIn } from '../../../shared/groups/use-permission-in.ts';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import { Notice } from '../../../shared/page/notice.tsx';
import {
  areEqual,
  faultsOf,
  ownFromEffective,
  type Saying,
  withLock,
  withoutOverridden,
  withOwn,
} from '../own-values.ts';
import classes from './group-communication-form.module.css';
import { InheritedSetting } from './inherited-setting.tsx';
import { createOwnSchedule, ScheduleSetting } from '../../../shared/schedule/schedule-setting.tsx';

export interface GroupCommunicationFormProps {
  readonly groupName: string;
  /** As the server has it now; may change while the form is open. */
  readonly current: GroupCommunication;
}

const units = ['second', 'minute', 'hour', 'day'] as const;

export function GroupCommunicationForm({ groupName, current }: GroupCommunicationFormProps) {
  const { t } = useTranslation('communication');
  const api = useApi();
  const format = useFormat();
  const notify = useNotify();
  const queryClient = useQueryClient();
  const isReadOnly = !usePermissionIn('directory:edit', current.groupId);
  const [base, setBase] = useState(current);
  const [saying, setSaying] = useState<Saying>(current);
  const { own: draft } = saying;
  const setDraft = (own: OwnCommunication): void => setSaying(withOwn(saying, own));
  const isChanged = !areEqual(saying, base);
  const isConflict = current.revision !== base.revision && isChanged;
  if (current !== base && !isChanged) {
    // Nothing changed yet: simply follow the server.
    setBase(current);
    setSaying(current);
  }
  const { groupId, inherited, origins, lockedBy } = current;
  const key = groupCommunicationKey(groupId);
  const put = async (revision: number, { own, locked }: Saying): Promise<GroupCommunication> =>
    await api.call(updateGroupCommunication, { params: { groupId }, body: { revision, own, locked } });

  const saving = useMutation({
    mutationFn: () => put(base.revision, saying),
    onSuccess: (saved) => {
      const former = base;
      queryClient.setQueryData(key, saved);
      setBase(saved);
      setSaying(saved);
      const undo = async (): Promise<void> => {
        queryClient.setQueryData(key, await put(saved.revision, former));
        notify.success(t('undone', { name: groupName }));
      };
      notify.success(t('saved', { name: groupName }), () => void undo().catch(notify.error));
    },
    onError: (error) => {
      if (isRevisionConflict(error)) void queryClient.invalidateQueries({ queryKey: key });
    },
  });
  const leaveWarning = useLeaveWarning(isChanged && !isReadOnly);
  const counting = withoutOverridden(draft, lockedBy);
  const faults = faultsOf(counting, inherited);
  const adopt = (next: Saying): void => {
    setBase(current);
    setSaying(next);
    saving.reset();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isChanged && faults.length === 0 && !isConflict) saving.mutate();
  };
  const originText = (name: CommunicationValueName): string => {
    const origin = origins[name];
    return origin === null ? t('fromServer') : t('from', { name: origin.groupName });
  };
  const lockText = (name: CommunicationValueName): string | undefined => {
    const lock = lockedBy[name];
    if (lock === null) return undefined;
    return lock.group === null ? t('lockedAbove') : t('lockedBy', { name: lock.group.groupName });
  };
  const texts: { readonly [Name in CommunicationValueName]: (values: EffectiveCommunication) => string } = {
    heartbeatIntervalMs: (values) => format.duration(values.heartbeatIntervalMs),
    offlineTimeoutMs: (values) => format.duration(values.offlineTimeoutMs),
    schedule: ({ schedule }) => (schedule === null ? t('schedule.always') : describeSchedule(schedule)),
    mode: ({ mode }) => t(`mode.value.${mode}`),
    transport: ({ transport }) => t(`transport.value.${transport}`),
    listenerPort: ({ listenerPort: port }) => (port === 0 ? t('listener.off') : t('listener.on', { port })),
  };
  /** What all values have in common. */
  const common = (name: CommunicationValueName) => ({
    isReadOnly,
    own: draft[name] === null ? undefined : texts[name]({ ...inherited, [name]: draft[name] }),
    inherited: texts[name](inherited),
    origin: originText(name),
    isLocked: saying.locked.includes(name),
    lockedBy: lockText(name),
    onLockChange: (isLocked: boolean): void => setSaying(withLock(saying, name, isLocked)),
  });
  const change =
    (name: 'heartbeatIntervalMs' | 'offlineTimeoutMs' | 'mode' | 'transport' | 'listenerPort') =>
    (isOwn: boolean): void =>
      setDraft(isOwn ? ownFromEffective(draft, inherited, name) : { ...draft, [name]: null });
  const intervalMs = counting.heartbeatIntervalMs ?? inherited.heartbeatIntervalMs;

  return (
    <form onSubmit={submit} noValidate className={classes.form}>
      {isReadOnly ? <Notice tone="info">{t('readOnly')}</Notice> : null}
      {isConflict ? (
        <ConflictNotice
          title={t('conflictTitle')}
          onTakeTheirs={() => adopt(current)}
          onKeepMine={() => adopt(saying)}
        >
          {t('conflictText')}
        </ConflictNotice>
      ) : null}
      <InheritedSetting
        {...common('heartbeatIntervalMs')}
        label={t('interval.label')}
        description={t('interval.help')}
        onOwnChange={change('heartbeatIntervalMs')}
      >
        <DurationField
          label={t('interval.label')}
          units={units}
          valueMs={draft.heartbeatIntervalMs ?? 0}
          isReadOnly={isReadOnly}
          error={faults.includes('interval-range') ? t('interval.range') : undefined}
          onChange={(heartbeatIntervalMs) => setDraft({ ...draft, heartbeatIntervalMs })}
        />
      </InheritedSetting>
      <InheritedSetting
        {...common('offlineTimeoutMs')}
        label={t('timeout.label')}
        description={t('timeout.help')}
        onOwnChange={change('offlineTimeoutMs')}
      >
        <DurationField
          label={t('timeout.label')}
          units={units}
          valueMs={draft.offlineTimeoutMs ?? 0}
          isReadOnly={isReadOnly}
          error={faults.includes('timeout-range') ? t('timeout.range') : undefined}
          onChange={(offlineTimeoutMs) => setDraft({ ...draft, offlineTimeoutMs })}
        />
      </InheritedSetting>
      {faults.includes('timeout-too-short') ? (
        <Notice tone="attention" role="alert">
          {t('timeout.label')}:{' '}
          {t('timeout.tooShort', { minimum: format.duration(minTimeoutMs(intervalMs)) })}
        </Notice>
      ) : null}
      <InheritedSetting
        {...common('schedule')}
        label={t('schedule.label')}
        description={t('schedule.description')}
        onOwnChange={(isOwn) =>
          setDraft({ ...draft, schedule: isOwn ? (inherited.schedule ?? createOwnSchedule()) : null })
        }
      >
        {draft.schedule === null ? null : (
          <ScheduleSetting
            schedule={draft.schedule}
            isReadOnly={isReadOnly}
            onChange={(schedule) => setDraft({ ...draft, schedule })}
          />
        )}
      </InheritedSetting>
      <InheritedSetting
        {...common('mode')}
        label={t('mode.label')}
        description={t('mode.help')}
        onOwnChange={change('mode')}
      >
        <Select
          aria-label={t('mode.label')}
          allowDeselect={false}
          readOnly={isReadOnly}
          value={draft.mode}
          data={modeChoices.map((value) => ({ value, label: t(`mode.value.${value}`) }))}
          onChange={(value) =>
            setDraft({ ...draft, mode: modeChoices.find((mode) => mode === value) ?? null })
          }
        />
      </InheritedSetting>
      <InheritedSetting
        {...common('listenerPort')}
        label={t('listener.label')}
        description={t('listener.help')}
        onOwnChange={change('listenerPort')}
      >
        <NumberInput
          aria-label={t('listener.port')}
          className={classes.port ?? ''}
          readOnly={isReadOnly}
          allowNegative={false}
          decimalScale={0}
          value={draft.listenerPort ?? 0}
          error={faults.includes('port-range') ? t('listener.range') : undefined}
          description={t('listener.range')}
          onChange={(port) => setDraft({ ...draft, listenerPort: typeof port === 'number' ? port : 0 })}
        />
      </InheritedSetting>
      <InheritedSetting
        {...common('transport')}
        label={t('transport.label')}
        description={t('transport.help')}
        onOwnChange={change('transport')}
      >
        <Select
          aria-label={t('transport.label')}
          allowDeselect={false}
          readOnly={isReadOnly}
          value={draft.transport}
          data={transportChoices.map((value) => ({ value, label: t(`transport.value.${value}`) }))}
          onChange={(value) =>
            setDraft({ ...draft, transport: transportChoices.find((choice) => choice === value) ?? null })
          }
        />
      </InheritedSetting>
      {saving.error === null || isRevisionConflict(saving.error) ? null : <FormError error={saving.error} />}
      {isReadOnly ? null : (
        <div className={classes.actions}>
          <Button
            type="submit"
            loading={saving.isPending}
            disabled={!isChanged || faults.length > 0 || isConflict}
          >
            {t('save')}
          </Button>
          <Button variant="default" disabled={!isChanged} onClick={() => adopt(current)}>
            {t('discard')}
          </Button>
        </div>
      )}
      {leaveWarning}
    </form>
  );
}
