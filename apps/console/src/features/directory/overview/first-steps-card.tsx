import { isLoopbackAddress } from '@holdfast/api';
import { Button } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconCircle, IconCircleCheck } from '../../../shared/icons/icons.ts';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { useDialogs } from '../../../shared/dialogs/dialog-request.ts';
import { Card } from '../../../shared/page/card.tsx';
import { CopyValue } from '../../../shared/page/copy-value.tsx';
import { usePermission } from '../../../shared/session/session-context.ts';
import { systemQuery } from '../../../shared/system/system-query.ts';
import type { DirectorySummary } from '../api/summary-counts.ts';
import { type FirstStep, planFirstSteps } from './first-steps.ts';
import classes from './first-steps-card.module.css';
import { lastBackupQuery } from './work-queries.ts';

export interface FirstStepsCardProps {
  readonly summary: DirectorySummary;
}

/** What to type on the server; the name of the file is an example. */
const backupCommand = 'holdfast backup holdfast.hfbackup';
const addressExample = 'HOLDFAST_PUBLIC_ADDRESS=https://holdfast.example.net:8443';

/** The next steps on a new server. Goes away when they are done, and for good when it is told to. */
export function FirstStepsCard({ summary }: FirstStepsCardProps) {
  const { t } = useTranslation('directory');
  const api = useApi();
  const openDialog = useDialogs();
  const mayEnrol = usePermission('enrolment-tokens:manage');
  const maySeeAudit = usePermission('audit:read');
  const maySeeSystem = usePermission('system:read');
  const [isDismissed, setDismissed] = useLocalStorage({
    key: 'holdfast.first-steps-dismissed',
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const isAsked = mayEnrol && !isDismissed;
  const backup = useQuery({ ...lastBackupQuery(api), enabled: isAsked && maySeeAudit }).data;
  const system = useQuery({ ...systemQuery(api), enabled: isAsked && maySeeSystem }).data;
  const isKnown = (!maySeeAudit || backup !== undefined) && (!maySeeSystem || system !== undefined);
  if (!isAsked || !isKnown) return null;
  const steps = planFirstSteps({
    deviceCount: summary.deviceCount,
    mayEnrol,
    backup,
    isLoopbackOnly: system?.addresses.every(isLoopbackAddress),
  });
  if (steps.length === 0) return null;
  const actions: Readonly<Record<FirstStep, ReactNode>> = {
    enrol: (
      <Button size="compact-sm" variant="default" onClick={() => openDialog({ kind: 'create-token' })}>
        {t('firstSteps.enrolAction')}
      </Button>
    ),
    backup: <CopyValue value={backupCommand} what={t('firstSteps.backupWhat')} isBlock />,
    address: <CopyValue value={addressExample} what={t('firstSteps.addressWhat')} isBlock />,
  };
  return (
    <Card
      title={t('firstSteps.title')}
      aside={
        <Button size="compact-xs" variant="subtle" onClick={() => setDismissed(true)}>
          {t('firstSteps.dismiss')}
        </Button>
      }
    >
      <ol className={classes.steps}>
        {steps.map(({ step, isDone }) => (
          <li key={step} className={classes.step} data-done={isDone || undefined}>
            {isDone ? (
              <IconCircleCheck size={18} stroke={1.75} aria-hidden="true" />
            ) : (
              <IconCircle size={18} stroke={1.75} aria-hidden="true" />
            )}
            <div className={classes.body}>
              <p className={classes.title}>
                {t(`firstSteps.${step}`)} {isDone ? <span>({t('firstSteps.done')})</span> : null}
              </p>
              {isDone ? null : (
                <>
                  <p className="hf-soft">{t(`firstSteps.${step}Text`)}</p>
                  <div>{actions[step]}</div>
                </>
              )}
            </div>
          </li>
        ))}
      </ol>
    </Card>
  );
}
