import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import classes from './overview.module.css';

export type RowTone = 'plain' | 'good' | 'attention' | 'failed';

/** Where the rows are that a count counts. */
export type RowLink = Pick<LinkProps, 'to' | 'search'>;

export interface CountRowProps {
  readonly icon: ReactNode;
  readonly text: string;
  readonly count: number;
  readonly total: number;
  readonly link: RowLink;
  readonly tone?: RowTone;
}

/** One count with its share of all devices; the whole row leads to what it counts. */
export function CountRow({ icon, text, count, total, link, tone = 'plain' }: CountRowProps) {
  const { t } = useTranslation('directory');
  const format = useFormat();
  const share = total === 0 ? 0 : (count / total) * 100;
  return (
    <li>
      <Link {...link} className={classes.row} data-tone={count === 0 ? 'plain' : tone}>
        <span className={classes.icon}>{icon}</span>
        <span className={classes.text} title={text}>
          {text}
        </span>{' '}
        <span className={classes.value} data-quiet={count === 0 || undefined}>
          {format.count(count)}
        </span>{' '}
        <span className={classes.share}>
          {count === 0
            ? ''
            : share < 1
              ? t('overview.shareSmall')
              : // Nothing but everything is the whole.
                t('overview.share', { share: count === total ? 100 : Math.min(99, Math.round(share)) })}
        </span>
      </Link>
    </li>
  );
}

export interface FactRowProps {
  readonly icon: ReactNode;
  readonly text: string;
  readonly value: ReactNode;
  /** What to do about it, below it. */
  readonly note?: string | undefined;
  readonly link: RowLink;
  readonly isQuiet: boolean;
  readonly tone?: RowTone;
}

/** One thing to know, with the place where there is more of it. */
export function FactRow({ icon, text, value, note, link, isQuiet, tone = 'plain' }: FactRowProps) {
  return (
    <li>
      <Link {...link} className={classes.row} data-plain data-tone={isQuiet ? 'plain' : tone}>
        <span className={classes.icon}>{icon}</span>
        <span className={classes.text} title={text}>
          {text}
        </span>{' '}
        <span className={classes.value} data-quiet={isQuiet || undefined}>
          {value}
        </span>
        {note === undefined ? null : <span className={classes.note}>{note}</span>}
      </Link>
    </li>
  );
}
