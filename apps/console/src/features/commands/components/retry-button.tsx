import {
  type Command,
  type RetriableState,
  retriableStates,
  retryCommand,
  canBeCalledOff,
  parameterFieldsOf,
} from '@holdfast/api';
import { Button, Checkbox } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { TypedWord } from '../../../shared/dialogs/confirm-dialog.tsx';
import { isTyped } from '../../../shared/dialogs/typed-word.ts';
import { FormDialog } from '../../../shared/dialogs/form-dialog.tsx';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import { usePermission } from '../../../shared/session/session-context.ts';
import { commandsKey } from '../api/command-list-query.ts';
import { commandTypesQuery } from '../api/command-types-query.ts';
import { confirmationWord } from '../confirmation-word.ts';
import { UrgentSwitch } from './urgent-switch.tsx';
import classes from './issue-command-dialog.module.css';

export interface RetryButtonProps {
  readonly command: Command;
}

/** Offered while some devices did not succeed. */
export function RetryButton({ command }: RetryButtonProps) {
  const { t } = useTranslation('commands');
  const mayIssue = usePermission('commands:issue');
  const [isAsking, setAsking] = useState(false);
  const count = retriableStates.reduce((sum, state) => sum + command.counts[state], 0);
  if (!mayIssue || count === 0) return null;
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        {t('retry.button', { count })}
      </Button>
      {isAsking ? <RetryDialog command={command} onClose={() => setAsking(false)} /> : null}
    </>
  );
}

interface RetryDialogProps extends RetryButtonProps {
  readonly onClose: () => void;
}

function RetryDialog({ command, onClose }: RetryDialogProps) {
  const { t } = useTranslation('commands');
  const api = useApi();
  const notify = useNotify();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const offered = retriableStates.filter((state) => command.counts[state] > 0);
  const [states, setStates] = useState<readonly RetriableState[]>(offered);
  const [isUrgent, setUrgent] = useState(command.isUrgent);
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const [typed, setTyped] = useState('');
  const count = states.reduce((sum, state) => sum + command.counts[state], 0);
  const types = useQuery(commandTypesQuery(api)).data;
  const type = types?.find((one) => one.type === command.type);
  const isDestructive = type?.reach === 'destructive';
  const isDelayed = canBeCalledOff(parameterFieldsOf(type?.parametersSchema ?? {}), command.parameters);
  const word = confirmationWord({ title: command.title, count, name: undefined });
  return (
    <FormDialog
      title={t('retry.title', { title: command.title })}
      submitText={t('retry.button', { count })}
      isDangerous={isDestructive}
      isReady={types !== undefined && count > 0 && (!isDestructive || isTyped(typed, word))}
      onSubmit={async () => {
        const again = await api.call(retryCommand, {
          params: { commandId: command.id },
          body: { states: [...states], isUrgent, idempotencyKey },
        });
        queryClient.setQueryData(['command', again.id], again);
        void queryClient.invalidateQueries({ queryKey: [commandsKey] });
        onClose();
        notify.success(t('dialog.issued', { title: again.title }));
        await navigate({ to: '/commands/$commandId', params: { commandId: again.id } });
      }}
      onClose={onClose}
    >
      <p>{t('retry.text', { count })}</p>
      {offered.length < 2 ? null : (
        <Checkbox.Group
          label={t('retry.which')}
          value={[...states]}
          onChange={(values) => setStates(retriableStates.filter((state) => values.includes(state)))}
        >
          <div className={classes.types}>
            {offered.map((state) => (
              <Checkbox
                key={state}
                value={state}
                label={t(`retry.state.${state}`, { count: command.counts[state] })}
              />
            ))}
          </div>
        </Checkbox.Group>
      )}
      <UrgentSwitch isUrgent={isUrgent} onChange={setUrgent} />
      {isDestructive ? (
        <TypedWord
          word={word}
          reason={isDelayed ? t('dialog.calledOff') : undefined}
          value={typed}
          onChange={setTyped}
        />
      ) : null}
    </FormDialog>
  );
}
