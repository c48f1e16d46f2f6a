import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { lateComponent } from '../../../shared/late/late-component.tsx';
import { Card } from '../../../shared/page/card.tsx';
import { Fact, Facts } from '../../../shared/page/facts.tsx';
import { QueryView } from '../../../shared/page/query-view.tsx';
import { usePermission } from '../../../shared/session/session-context.ts';
import { componentRatesQuery } from '../api/component-queries.ts';

const RatesDialog = lateComponent(() => import('./rates-dialog.tsx'), 'RatesDialog');

/** How fast files go to devices. */
export function RatesCard() {
  const { t } = useTranslation('components');
  const format = useFormat();
  const mayManage = usePermission('components:manage');
  const query = useQuery(componentRatesQuery(useApi()));
  const [isOpen, setOpen] = useState(false);
  const rateText = (rate: number | null): string =>
    rate === null ? t('rates.unbounded') : t('rates.perSecond', { rate: format.bytes(rate) });
  return (
    <Card
      title={t('rates.title')}
      aside={
        mayManage && query.data !== undefined ? (
          <Button
            variant="default"
            size="compact-sm"
            aria-label={t('rates.changeName')}
            onClick={() => setOpen(true)}
          >
            {t('sources.change')}
          </Button>
        ) : undefined
      }
    >
      <QueryView query={query}>
        {(rates) => (
          <>
            <Facts>
              <Fact name={t('rates.all')}>{rateText(rates.allPerSecond)}</Fact>
              <Fact name={t('rates.each')}>{rateText(rates.eachPerSecond)}</Fact>
            </Facts>
            {isOpen ? <RatesDialog rates={rates} onClose={() => setOpen(false)} /> : null}
          </>
        )}
      </QueryView>
    </Card>
  );
}
