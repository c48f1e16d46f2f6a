import { Code } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CopyValue } from '../../../shared/page/copy-value.tsx';
import classes from './token-created.module.css';

export interface EnrolByHandProps {
  readonly tokenString: string;
}

/** What the word `holdfast` stands for on a computer that has no link of this name in its PATH. */
const programInClone = 'node bin/holdfast.mjs';

/** For a device that has the agent already, and for systems that no archive is made for. */
export function EnrolByHand({ tokenString }: EnrolByHandProps) {
  const { t } = useTranslation('enrolment');
  return (
    <div className={classes.way}>
      <p className="hf-soft">{t('created.others')}</p>
      <p className="hf-soft">
        {t('created.holdfast')} <Code>{programInClone}</Code>
      </p>
      <ol className={classes.steps}>
        <li>
          <p className={classes.label}>{t('created.command')}</p>
          <CopyValue value="holdfast agent enroll -" what={t('created.whatCommand')} isBlock />
        </li>
        <li>
          <p className={classes.label}>{t('created.token')}</p>
          <CopyValue value={tokenString} what={t('created.whatToken')} isBlock />
        </li>
        <li>
          <p className={classes.label}>{t('created.start')}</p>
          <div className={classes.ways}>
            <p className="hf-soft">{t('created.startInstall')}</p>
            <CopyValue value="holdfast agent install" what={t('created.whatInstall')} isBlock />
            <p className="hf-soft">{t('created.startRun')}</p>
            <CopyValue value="holdfast agent run" what={t('created.whatRun')} isBlock />
          </div>
        </li>
      </ol>
    </div>
  );
}
