import type { ComponentRepository } from '@holdfast/api';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { Card } from '../../../shared/page/card.tsx';
import { CopyValue } from '../../../shared/page/copy-value.tsx';
import { Fact, Facts } from '../../../shared/page/facts.tsx';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';

export interface RootCardProps {
  readonly repository: ComponentRepository;
}

/** Whose signatures count. */
export function RootCard({ repository: { fingerprint, trustedAt, trustedBy, expiresAt } }: RootCardProps) {
  const { t } = useTranslation('components');
  const format = useFormat();
  return (
    <Card title={t('trust.title')}>
      <Facts>
        <Fact name={t('trust.fingerprint')}>
          <CopyValue value={fingerprint} what={t('trust.fingerprint')} isWrapping />
        </Fact>
        <Fact name={t('trust.trusted')}>
          <RelativeTimeLabel at={trustedAt} /> {t('trust.by', { name: trustedBy })}
        </Fact>
        <Fact name={t('trust.ends')}>
          {expiresAt === null ? (
            t('trust.notDownloaded')
          ) : (
            <>
              {format.dateTime(Date.parse(expiresAt))}, <RelativeTimeLabel at={expiresAt} />
            </>
          )}
        </Fact>
      </Facts>
    </Card>
  );
}
