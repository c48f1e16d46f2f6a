import {
  canBeCalledOff,
  type Command,
  type CommandType,
  describeGiven,
  type DeviceFilter,
  issueCommand,
  parameterFieldsOf,
} from '@holdfast/api';
import { Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import type { CommandAim } from '../../../shared/dialogs/dialog-request.ts';
import { ConfirmDialog } from '../../../shared/dialogs/confirm-dialog.tsx';
import { FormDialog } from '../../../shared/dialogs/form-dialog.tsx';
import { DurationField } from '../../../shared/forms/duration-field.tsx';
import { GroupSelect } from '../../../shared/groups/group-select.tsx';
import { groupsQuery } from '../../../shared/groups/groups-query.ts';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import { QueryView } from '../../../shared/page/query-view.tsx';
import { commandsKey } from '../api/command-list-query.ts';
import { type CommandTargets, commandPlanQuery } from '../api/command-plan-query.ts';
import { commandTypesQuery } from '../api/command-types-query.ts';
import { preferredType } from '../command-progress.ts';
import { confirmationWord } from '../confirmation-word.ts';
import { firstValuesOf, type ParameterValues, readForm } from '../parameter-values.ts';
import { DeviceNames } from './device-names.tsx';
import { ParameterForm } from './parameter-form.tsx';
import { useCallOff } from '../use-call-off.ts';
import { UrgentSwitch } from './urgent-switch.tsx';
import classes from './issue-command-dialog.module.css';

export interface IssueCommandDialogProps {
  /** Undefined: ask for whom. */
  readonly aim: CommandAim | undefined;
  readonly type: string | undefined;
  /** What the form begins with, in place of the defaults of that type. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  readonly onClose: () => void;
}

/** What cannot be changed in the dialog any more. */
type FixedAim = Exclude<CommandAim, { readonly kind: 'group' }>;

const minExpiryMs = 60_000;
const maxExpiryMs = 2_592_000_000;

export function IssueCommandDialog({ aim, type, parameters, onClose }: IssueCommandDialogProps) {
  const { t } = useTranslation('commands');
  const types = useQuery(commandTypesQuery(useApi()));
  if (types.data !== undefined && types.data[0] !== undefined) {
    const first = preferredType(types.data, type) ?? types.data[0];
    return (
      <IssueForm
        types={types.data}
        first={first}
        firstValues={first.type === type ? parameters : undefined}
        aim={aim?.kind === 'group' ? undefined : aim}
        firstGroupId={aim?.kind === 'group' ? aim.groupId : undefined}
        onClose={onClose}
      />
    );
  }
  return (
    <FormDialog
      title={t('dialog.title')}
      submitText={t('issue')}
      isReady={false}
      onSubmit={async () => {}}
      onClose={onClose}
    >
      <QueryView query={types}>{() => null}</QueryView>
    </FormDialog>
  );
}

interface IssueFormProps {
  readonly types: readonly CommandType[];
  readonly first: CommandType;
  readonly firstValues: Readonly<Record<string, unknown>> | undefined;
  readonly aim: FixedAim | undefined;
  readonly firstGroupId: string | undefined;
  readonly onClose: () => void;
}

function IssueForm({ types, first, firstValues, aim, firstGroupId, onClose }: IssueFormProps) {
  const { t } = useTranslation(['commands', 'common']);
  const api = useApi();
  const notify = useNotify();
  const format = useFormat();
  const callOff = useCallOff();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [type, setType] = useState(first);
  const [expiryMs, setExpiryMs] = useState(first.defaultExpiryMs);
  const [groupId, setGroupId] = useState(firstGroupId);
  const [search, setSearch] = useState('');
  const [values, setValues] = useState<ParameterValues>(() =>
    firstValuesOf(first.parametersSchema, parameterFieldsOf(first.parametersSchema), firstValues),
  );
  const [isUrgent, setUrgent] = useState(false);
  const [isAsking, setAsking] = useState(false);
  // One key for the whole dialog: sending again after a lost answer does not issue a second command.
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const [settledSearch] = useDebouncedValue(search.trim(), 300);
  const ownFilter = filterOf(groupId, settledSearch);
  const targets = targetsOf(aim, ownFilter);
  const count = useTargetCount(type.type, aim, targets);
  const actionText = useActionText(type.title, aim, targets, count);
  const fields = parameterFieldsOf(type.parametersSchema);
  const {
    parameters,
    isReady: areParametersReady,
    expected,
  } = readForm(type.parametersSchema, fields, values);
  const expiryError =
    expiryMs < minExpiryMs
      ? t('dialog.expiryTooShort')
      : expiryMs > maxExpiryMs
        ? t('dialog.expiryTooLong')
        : undefined;
  const isReady =
    targets !== undefined &&
    count !== 0 &&
    settledSearch === search.trim() &&
    areParametersReady &&
    expiryError === undefined;

  const submit = async (): Promise<void> => {
    if (targets === undefined) return;
    const command: Command = await api.call(issueCommand, {
      body: {
        type: type.type,
        parameters,
        targets,
        expiresInMs: expiryMs,
        isUrgent,
        idempotencyKey,
      },
    });
    queryClient.setQueryData(['command', command.id], command);
    void queryClient.invalidateQueries({ queryKey: [commandsKey] });
    onClose();
    notify.success(
      t('dialog.issued', { title: command.title }),
      canBeCalledOff(fields, command.parameters)
        ? { text: t('dialog.callOff'), act: () => callOff(command.id) }
        : undefined,
    );
    await navigate({ to: '/commands/$commandId', params: { commandId: command.id } });
  };

  const isDelayed = canBeCalledOff(fields, parameters);
  if (isAsking) {
    const name = aim?.kind === 'devices' ? aim.name : undefined;
    return (
      <ConfirmDialog
        title={t('dialog.ask', { action: actionText })}
        confirmText={actionText}
        cancelText={t('dialog.back')}
        isDangerous={type.reach === 'destructive'}
        word={type.reach === 'destructive' ? confirmationWord({ title: type.title, count, name }) : undefined}
        wordReason={isDelayed ? t('dialog.calledOff') : undefined}
        onConfirm={submit}
        onClose={() => setAsking(false)}
      >
        <p>{type.description}</p>
        {aim?.kind === 'devices' && name === undefined ? <DeviceNames deviceIds={aim.deviceIds} /> : null}
        {describeGiven(fields, parameters, format.duration).map(({ name: parameter, title, text }) => (
          <p key={parameter} className={classes.given}>
            {t('parameters.given', { title, text })}
          </p>
        ))}
      </ConfirmDialog>
    );
  }
  return (
    <FormDialog
      title={t('dialog.title')}
      submitText={type.reach === 'harmless' ? actionText : t('dialog.goOn', { action: actionText })}
      isDangerous={type.reach === 'destructive'}
      isReady={isReady}
      onSubmit={type.reach === 'harmless' ? submit : async () => setAsking(true)}
      onClose={onClose}
    >
      <Select
        label={t('dialog.what')}
        description={type.description}
        inputWrapperOrder={['label', 'input', 'description']}
        value={type.type}
        data={types.map((candidate) => ({ value: candidate.type, label: candidate.title }))}
        allowDeselect={false}
        renderOption={({ option }) => (
          <div>
            {option.label}
            <div className={classes.explanation}>
              {types.find((candidate) => candidate.type === option.value)?.description}
            </div>
          </div>
        )}
        onChange={(value) => {
          const next = types.find((candidate) => candidate.type === value);
          if (next === undefined) return;
          setType(next);
          setValues(firstValuesOf(next.parametersSchema, parameterFieldsOf(next.parametersSchema)));
          setExpiryMs(next.defaultExpiryMs);
        }}
      />
      <ParameterForm fields={fields} values={values} expected={expected} onChange={setValues} />
      {aim === undefined ? (
        <>
          <GroupSelect
            label={t('dialog.group')}
            value={groupId}
            emptyText={search.trim() === '' ? undefined : t('dialog.everyGroup')}
            onChange={setGroupId}
          />
          <TextInput
            label={t('dialog.search')}
            description={t('dialog.searchHelp')}
            value={search}
            maxLength={200}
            error={count === 0 ? t('dialog.noDevices') : undefined}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
        </>
      ) : (
        <AimText aim={aim} count={count} />
      )}
      <DurationField
        label={t('dialog.expiry')}
        valueMs={expiryMs}
        units={['minute', 'hour', 'day']}
        error={expiryError}
        onChange={setExpiryMs}
      />
      <UrgentSwitch
        isUrgent={isUrgent}
        onChange={setUrgent}
        targets={count === 0 || settledSearch !== search.trim() ? undefined : targets}
        type={type.type}
        expiryMs={expiryMs}
      />
    </FormDialog>
  );
}

interface AimTextProps {
  readonly aim: FixedAim;
  readonly count: number | undefined;
}

function AimText({ aim, count }: AimTextProps) {
  const { t } = useTranslation('commands');
  return (
    <div>
      <p className={classes.label}>{t('dialog.target')}</p>
      <p>
        {aim.kind === 'filter'
          ? count === undefined
            ? t('dialog.targetFilterUnknown')
            : t('dialog.targetFilter', { count })
          : (aim.name ?? t('dialog.targetMany', { count: aim.deviceIds.length }))}
      </p>
    </div>
  );
}

function targetsOf(
  aim: FixedAim | undefined,
  ownFilter: DeviceFilter | undefined,
): CommandTargets | undefined {
  if (aim?.kind === 'devices') return { deviceIds: [...aim.deviceIds] };
  const filter = aim?.filter ?? ownFilter;
  return filter === undefined ? undefined : { filter };
}

/** Undefined: nothing narrows it down, and nobody means all devices by saying nothing. */
function filterOf(groupId: string | undefined, search: string): DeviceFilter | undefined {
  if (groupId === undefined) return search === '' ? undefined : { search };
  return search === '' ? { groupId } : { groupId, search };
}

/** For how many devices the command will be, of those for which this administrator may issue it; undefined until then. */
function useTargetCount(
  type: string,
  aim: FixedAim | undefined,
  targets: CommandTargets | undefined,
): number | undefined {
  const api = useApi();
  const known = aim?.kind === 'devices' ? aim.deviceIds.length : undefined;
  const plan = useQuery({
    ...commandPlanQuery(api, targets ?? { deviceIds: [] }, type),
    enabled: known === undefined && targets !== undefined,
  });
  return known ?? plan.data?.devices;
}

/** "Restart agent on 1,602 devices in Berlin". */
function useActionText(
  title: string,
  aim: FixedAim | undefined,
  targets: CommandTargets | undefined,
  count: number | undefined,
): string {
  const { t } = useTranslation('commands');
  const groupId = targets !== undefined && 'filter' in targets ? targets.filter.groupId : undefined;
  const groups = useQuery({ ...groupsQuery(useApi()), enabled: groupId !== undefined }).data;
  const group = groups?.find((one) => one.id === groupId)?.name;
  if (count === undefined) return title;
  if (aim?.kind === 'devices' && aim.name !== undefined)
    return t('dialog.onDevice', { title, name: aim.name });
  const action =
    group === undefined
      ? t('dialog.onDevices', { title, count })
      : t('dialog.onDevicesIn', { title, count, group });
  const search = targets !== undefined && 'filter' in targets ? targets.filter.search : undefined;
  return search === undefined || search === '' ? action : t('dialog.matching', { action, search });
}
