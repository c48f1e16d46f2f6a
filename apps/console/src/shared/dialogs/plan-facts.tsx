import type { ChangePlan } from '@holdfast/api';
import { IconDeviceDesktop, IconFolders } from '../icons/icons.ts';
import { useTranslation } from 'react-i18next';
import classes from './plan-facts.module.css';

export interface PlanFactsProps {
  readonly plan: ChangePlan;
  readonly title: string;
}

/** What a change will do, before it is done. */
export function PlanFacts({ plan, title }: PlanFactsProps) {
  const { t } = useTranslation('common');
  return (
    <section className={classes.plan} aria-label={title}>
      <p className={classes.title}>{title}</p>
      <ul className={classes.counts}>
        <li>
          <IconDeviceDesktop size={16} stroke={1.75} aria-hidden="true" />
          {t('count.devices', { count: plan.deviceCount })}
        </li>
        {plan.groupCount === 0 ? null : (
          <li>
            <IconFolders size={16} stroke={1.75} aria-hidden="true" />
            {t('count.groups', { count: plan.groupCount })}
          </li>
        )}
      </ul>
      {plan.consequences.length === 0 ? null : (
        <ul className={classes.consequences}>
          {plan.consequences.map((consequence) => (
            <li key={consequence}>{consequence}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
