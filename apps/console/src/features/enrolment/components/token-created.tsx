import type { EnrolmentToken } from '@holdfast/api';
import { Button, Code } from '@mantine/core';
import { IconAlertTriangle } from '../../../shared/icons/icons.ts';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../../shared/dialogs/dialog.tsx';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { CopyValue } from '../../../shared/page/copy-value.tsx';
import { Notice } from '../../../shared/page/notice.tsx';
import { isLoopbackAddress } from '../../../shared/system/loopback-address.ts';
import { useTicking } from '../../../shared/time/use-ticking.ts';
import classes from './token-created.module.css';

export interface CreatedToken {
  readonly token: EnrolmentToken;
  readonly tokenString: string;
  /** Where the token sends devices to. */
  readonly addresses: readonly string[];
}

export interface TokenCreatedProps {
  readonly created: CreatedToken;
  readonly onClose: () => void;
}

/** What the word `holdfast` stands for on a computer that has no link of this name in its PATH. */
const programInClone = 'node bin/holdfast.mjs';

/** The only time that the token is seen. A stray click or Escape does not close it. */
export function TokenCreated({ created, onClose }: TokenCreatedProps) {
  const { t } = useTranslation(['enrolment', 'common']);
  const { token, tokenString, addresses } = created;
  return (
    <Dialog title={t('created.title', { name: token.name })} size="lg" onClose={onClose} isSticky>
      <div className={classes.created}>
        <p>{t('created.text')}</p>
        <p className="hf-soft">
          {t('created.holdfast')} <Code>{programInClone}</Code>
        </p>
        {addresses.every(isLoopbackAddress) ? (
          <Notice tone="attention" role="note" icon={<IconAlertTriangle size={18} stroke={1.75} />}>
            <strong>{t('created.loopbackTitle')}</strong>
            <p>{t('created.loopbackText', { addresses: addresses.join(', ') })}</p>
          </Notice>
        ) : null}
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
        <details className={classes.oneLine}>
          <summary>{t('created.oneLine')}</summary>
          <p className={classes.caution}>{t('created.oneLineText')}</p>
          <CopyValue value={`holdfast agent enroll ${tokenString}`} what={t('created.whatOneLine')} isBlock />
        </details>
        <TokenTerms token={token} />
        <div className={classes.actions}>
          <Button onClick={onClose}>{t('common:action.done')}</Button>
        </div>
      </div>
    </Dialog>
  );
}

interface TokenTermsProps {
  readonly token: EnrolmentToken;
}

function TokenTerms({ token }: TokenTermsProps) {
  const { t } = useTranslation('enrolment');
  const format = useFormat();
  const ago = useTicking((nowMs) => format.ago(nowMs, Date.parse(token.expiresAt)));
  const uses =
    token.maxUses === null ? t('created.usesUnlimited') : t('created.usesOnce', { count: token.maxUses });
  const group = token.groupPath.length === 0 ? t('topGroup') : token.groupPath.join(' / ');
  return (
    <p className="hf-soft">
      {t('created.facts', { group, uses, ago })} {token.isApprovalNeeded ? t('created.approval') : null}
    </p>
  );
}
