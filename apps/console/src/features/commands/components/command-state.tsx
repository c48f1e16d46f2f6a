import type { CommandState } from '@holdfast/api';
import { useTranslation } from 'react-i18next';
import { StatusLabel, type StatusTone } from '../../../shared/page/status-label.tsx';

export const commandTones: Readonly<Record<CommandState, StatusTone>> = {
  queued: 'idle',
  delivered: 'running',
  accepted: 'running',
  running: 'running',
  cancelling: 'attention',
  succeeded: 'good',
  failed: 'failed',
  expired: 'attention',
  cancelled: 'idle',
};

export interface CommandStateLabelProps {
  readonly state: CommandState;
}

export function CommandStateLabel({ state }: CommandStateLabelProps) {
  const { t } = useTranslation('commands');
  return (
    <StatusLabel
      tone={commandTones[state]}
      text={t(`state.${state}`)}
      title={t(`stateHelp.${state}`)}
      isHollow={state === 'queued' || state === 'cancelled'}
    />
  );
}
