import type { ComponentRollout } from '@holdfast/api';
import { useTranslation } from 'react-i18next';
import { StatusLabel, type StatusTone } from '../../../shared/page/status-label.tsx';

const tones: Readonly<Record<ComponentRollout['state'], StatusTone>> = {
  running: 'running',
  stopped: 'failed',
  done: 'good',
  replaced: 'idle',
};

export interface RolloutStateProps {
  readonly rollout: ComponentRollout;
}

export function RolloutState({ rollout: { state } }: RolloutStateProps) {
  const { t } = useTranslation('components');
  return (
    <StatusLabel
      tone={tones[state]}
      text={t(`rollout.state.${state}`)}
      title={t(`rollout.stateHelp.${state}`)}
      isHollow={state === 'replaced'}
    />
  );
}
