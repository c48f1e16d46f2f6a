import type { DeviceComponent } from '@holdfast/api';
import { useTranslation } from 'react-i18next';
import { StatusLabel, type StatusTone } from '../../../shared/page/status-label.tsx';

const tones: Readonly<Record<DeviceComponent['state'], StatusTone>> = {
  'up-to-date': 'good',
  behind: 'attention',
  downloading: 'running',
  staged: 'running',
  failed: 'failed',
};

export interface ComponentStateProps {
  readonly component: DeviceComponent;
}

/** How a device is with a component, in a word. */
export function ComponentState({ component: { state, behindBy } }: ComponentStateProps) {
  const { t } = useTranslation('components');
  // Nothing newer was ever asked of it: a plan has not come to it.
  const isHeld = state === 'up-to-date' && behindBy > 0;
  return (
    <StatusLabel
      tone={isHeld ? 'idle' : tones[state]}
      text={isHeld ? t('state.held') : t(`state.${state}`)}
      title={isHeld ? t('heldHelp') : t(`stateHelp.${state}`)}
    >
      {behindBy > 0
        ? t(state === 'behind' ? 'state.byReleases' : 'state.behindBy', { count: behindBy })
        : null}
    </StatusLabel>
  );
}
