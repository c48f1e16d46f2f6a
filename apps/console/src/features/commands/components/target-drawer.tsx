import type { CommandTarget } from '@holdfast/api';
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { SidePanel } from '../../../shared/dialogs/side-panel.tsx';
import { LogLink, TargetFailure, TargetNotices } from './single-target.tsx';
import classes from './target-drawer.module.css';
import { TargetProgress } from './target-progress.tsx';
import { TargetResult } from './target-result.tsx';
import { TargetTimeline } from './target-timeline.tsx';

export interface TargetDrawerProps {
  readonly target: CommandTarget | undefined;
  readonly commandType: string;
  readonly onClose: () => void;
}

/** One device of a command, beside the list. */
export function TargetDrawer({ target, commandType, onClose }: TargetDrawerProps) {
  const { t } = useTranslation('commands');
  return (
    <SidePanel
      title={target?.deviceName ?? ''}
      isOpen={target !== undefined}
      side="right"
      size={460}
      onClose={onClose}
    >
      {target === undefined ? null : (
        <div className={classes.body}>
          {target.deviceDistinction === undefined ? null : (
            <p className="hf-soft">{target.deviceDistinction}</p>
          )}
          <TargetProgress target={target} />
          <TargetTimeline target={target} />
          <TargetNotices target={target} />
          <TargetFailure target={target} />
          {target.result === null ? null : (
            <section aria-label={t('detail.result')}>
              <h3 className={classes.title}>{t('detail.result')}</h3>
              <TargetResult target={target} commandType={commandType} />
            </section>
          )}
          {target.deviceId === null ? null : (
            <>
              <LogLink target={target} />
              <DeviceButton deviceId={target.deviceId} text={t('detail.toDevice')} />
            </>
          )}
        </div>
      )}
    </SidePanel>
  );
}

interface DeviceButtonProps {
  readonly deviceId: string;
  readonly text: string;
}

function DeviceButton({ deviceId, text }: DeviceButtonProps) {
  return (
    <Button
      variant="default"
      renderRoot={(props: Record<string, unknown>) => (
        <Link to="/devices/$deviceId" params={{ deviceId }} {...props} />
      )}
    >
      {text}
    </Button>
  );
}
