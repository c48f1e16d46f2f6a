import type { EnrolmentToken } from '@holdfast/api';
import { Button, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../../shared/dialogs/dialog.tsx';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { useTicking } from '../../../shared/time/use-ticking.ts';
import { EnrolByHand } from './enrol-by-hand.tsx';
import { InstallByFiles } from './install-by-files.tsx';
import { type CreatedToken, InstallByLine } from './install-by-line.tsx';
import classes from './token-created.module.css';
import { TokenArrivals } from './token-arrivals.tsx';

export interface TokenCreatedProps {
  readonly created: CreatedToken;
  readonly onClose: () => void;
}

const ways = ['line', 'files', 'hand'] as const;

/** The only time that the token is seen. A stray click or Escape does not close it. */
export function TokenCreated({ created, onClose }: TokenCreatedProps) {
  const { t } = useTranslation(['enrolment', 'common']);
  const [way, setWay] = useState<(typeof ways)[number]>('line');
  const { token } = created;
  return (
    <Dialog title={t('created.title', { name: token.name })} size="lg" onClose={onClose} isSticky>
      <div className={classes.created}>
        <p>{t('created.text')}</p>
        <SegmentedControl
          fullWidth
          aria-label={t('created.ways')}
          value={way}
          onChange={setWay}
          data={ways.map((value) => ({ value, label: t(`created.way.${value}`) }))}
        />
        {way === 'line' ? <InstallByLine created={created} /> : null}
        {way === 'files' ? <InstallByFiles created={created} /> : null}
        {way === 'hand' ? <EnrolByHand tokenString={created.tokenString} /> : null}
        <TokenTerms token={token} />
        <TokenArrivals token={token} onLeave={onClose} />
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
