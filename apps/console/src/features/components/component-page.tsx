import { ApiError, type Component } from '@holdfast/api';
import { Button } from '@mantine/core';
import { IconPackage } from '../../shared/icons/icons.ts';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { useFormat } from '../../shared/i18n/use-format.ts';
import { Card, CardGrid } from '../../shared/page/card.tsx';
import { Fact, Facts } from '../../shared/page/facts.tsx';
import { Notice } from '../../shared/page/notice.tsx';
import { Page } from '../../shared/page/page.tsx';
import { QueryView } from '../../shared/page/query-view.tsx';
import { EmptyState } from '../../shared/page/states.tsx';
import { RelativeTimeLabel } from '../../shared/time/relative-time-label.tsx';
import { componentQuery } from './api/component-queries.ts';
import { DeviceBar } from './components/device-bar.tsx';
import { ReleaseTable } from './components/release-table.tsx';
import { UpdateNowButton } from './components/update-now-button.tsx';
import { VersionText } from './components/version-text.tsx';
import classes from './component-page.module.css';

/** One component: what it is, who has which release of it, and what a device loads. */
export function ComponentPage() {
  const { t } = useTranslation('components');
  const { componentId } = useParams({ from: '/console/components/id/$componentId' });
  const query = useQuery(componentQuery(useApi(), componentId));
  if (query.data === undefined && query.error instanceof ApiError && query.error.status === 404) {
    return (
      <EmptyState
        icon={<IconPackage size={28} stroke={1.5} />}
        isPage
        title={t('detail.goneTitle')}
        text={t('detail.goneText')}
        action={
          <Button
            variant="default"
            renderRoot={(props: Record<string, unknown>) => <Link to="/components" {...props} />}
          >
            {t('detail.toList')}
          </Button>
        }
      />
    );
  }
  return (
    <QueryView query={query} isPage>
      {({ component, releases }) => (
        <Page
          layout="wide"
          title={component.title}
          description={
            <span className={classes.state}>
              <span>{t(`kind.${component.kind}`)}</span>
              <VersionText {...component} />
              <span>
                {t('detail.arrived')} <RelativeTimeLabel at={component.arrivedAt} />
              </span>
            </span>
          }
          actions={component.isOffered ? <UpdateNowButton componentId={component.id} /> : undefined}
        >
          {component.isOffered ? null : <Notice tone="attention">{t('detail.notOffered')}</Notice>}
          <CardGrid>
            <Card title={t('detail.devices')}>
              <DeviceBar component={component} />
            </Card>
            <AboutCard component={component} />
          </CardGrid>
          <div className={classes.releases}>
            <Card title={t('releases.title')} aside={t('releases.aside')}>
              <ReleaseTable releases={releases} title={component.title} />
            </Card>
          </div>
        </Page>
      )}
    </QueryView>
  );
}

interface AboutCardProps {
  readonly component: Component;
}

function AboutCard({ component }: AboutCardProps) {
  const { t } = useTranslation('components');
  const format = useFormat();
  const { id, kind, platforms, handler, fullBytes } = component;
  return (
    <Card title={t('detail.about')}>
      <Facts>
        <Fact name={t('detail.kind')}>{t(`kindHelp.${kind}`)}</Fact>
        <Fact name={t('detail.platforms')}>
          {platforms.includes('any') ? t('detail.anyPlatform') : platforms.join(', ')}
        </Fact>
        <Fact name={t('detail.handler')}>
          <code>{handler}</code>
        </Fact>
        <Fact name={t('detail.fullSize')}>{format.bytes(fullBytes)}</Fact>
        <Fact name={t('detail.id')}>
          <code>{id}</code>
        </Fact>
      </Facts>
    </Card>
  );
}
