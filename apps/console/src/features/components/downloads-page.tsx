import type { ComponentSource } from '@holdfast/api';
import { Button } from '@mantine/core';
import { IconShieldQuestion } from '../../shared/icons/icons.ts';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { CardGrid } from '../../shared/page/card.tsx';
import { Notice } from '../../shared/page/notice.tsx';
import { lateComponent } from '../../shared/late/late-component.tsx';
import { QueryView } from '../../shared/page/query-view.tsx';
import { usePermission } from '../../shared/session/session-context.ts';
import { componentSourcesQuery, componentsQuery } from './api/component-queries.ts';
import { ComponentsPageFrame } from './components/components-page-frame.tsx';
import { DownloadTable } from './components/download-table.tsx';
import { MetadataNotice } from './components/metadata-notice.tsx';
import { RemoveSourceDialog } from './components/remove-source-dialog.tsx';
import { RatesCard } from './components/rates-card.tsx';
import { RootCard } from './components/root-card.tsx';
import { ScheduleCard } from './components/schedule-card.tsx';
import { Section } from './components/section.tsx';
import { type SourceAction, SourceTable } from './components/source-table.tsx';
import classes from './downloads-page.module.css';
import { useStartDownload } from './use-start-download.ts';

const SourceDialog = lateComponent(() => import('./components/source-dialog.tsx'), 'SourceDialog');
const SourceKeyDialog = lateComponent(() => import('./components/source-key-dialog.tsx'), 'SourceKeyDialog');
const TrustDialog = lateComponent(() => import('./components/trust-dialog.tsx'), 'TrustDialog');

type Open = { readonly kind: 'add' } | { readonly kind: SourceAction; readonly source: ComponentSource };

/** Where components come from, whose signatures count, and what was fetched. */
export function DownloadsPage() {
  const { t } = useTranslation('components');
  const api = useApi();
  const mayManage = usePermission('components:manage');
  const sources = useQuery(componentSourcesQuery(api));
  const listed = useQuery(componentsQuery(api));
  const download = useStartDownload();
  const [open, setOpen] = useState<Open>();
  const repository = listed.data?.repository ?? null;
  const isReady = repository !== null && sources.data !== undefined && sources.data.length > 0;
  const close = (): void => setOpen(undefined);
  const add = mayManage ? (
    <Button variant={isReady ? 'default' : 'filled'} onClick={() => setOpen({ kind: 'add' })}>
      {t('sources.add')}
    </Button>
  ) : null;
  const downloadNow =
    mayManage && isReady ? (
      <Button loading={download.isAsking} disabled={download.isUnderWay} onClick={download.start}>
        {t(download.isUnderWay ? 'downloads.underWay' : 'downloads.start')}
      </Button>
    ) : null;
  const lookAt = (source: ComponentSource): void => setOpen({ kind: 'look', source });
  return (
    <ComponentsPageFrame
      layout="wide"
      title={t('downloads.title')}
      description={t('downloads.description')}
      actions={
        <>
          {add}
          {downloadNow}
        </>
      }
    >
      <QueryView query={sources}>
        {(rows) => (
          <>
            {repository === null ? null : <MetadataNotice repository={repository} />}
            {listed.data !== undefined && repository === null && rows.length > 0 ? (
              <TrustNotice source={rows[0]} onLook={mayManage ? lookAt : undefined} />
            ) : null}
            <Section title={t('sources.title')} text={t('sources.text')}>
              <SourceTable
                sources={rows}
                onAct={mayManage ? (kind, source) => setOpen({ kind, source }) : undefined}
              />
            </Section>
            {repository === null ? null : (
              <div className={classes.cards}>
                <CardGrid>
                  <ScheduleCard />
                  <RatesCard />
                  <RootCard repository={repository} />
                </CardGrid>
              </div>
            )}
            <Section title={t('downloads.history')}>
              <DownloadTable />
            </Section>
          </>
        )}
      </QueryView>
      {open?.kind === 'add' ? (
        <SourceDialog onClose={close} onAdded={repository === null ? lookAt : undefined} />
      ) : null}
      {open?.kind === 'key' ? <SourceKeyDialog source={open.source} onClose={close} /> : null}
      {open?.kind === 'change' ? <SourceDialog source={open.source} onClose={close} /> : null}
      {open?.kind === 'remove' ? <RemoveSourceDialog source={open.source} onClose={close} /> : null}
      {open?.kind === 'look' ? (
        <TrustDialog
          source={open.source}
          repository={repository}
          onTrusted={download.start}
          onClose={close}
        />
      ) : null}
    </ComponentsPageFrame>
  );
}

interface TrustNoticeProps {
  readonly source: ComponentSource | undefined;
  /** Absent for whoever may not. */
  readonly onLook: ((source: ComponentSource) => void) | undefined;
}

/** What has to be done before anything can be downloaded. */
function TrustNotice({ source, onLook }: TrustNoticeProps) {
  const { t } = useTranslation('components');
  return (
    <Notice
      tone="attention"
      icon={<IconShieldQuestion size={18} />}
      action={
        source === undefined || onLook === undefined ? undefined : (
          <Button variant="default" size="compact-sm" onClick={() => onLook(source)}>
            {t('sources.lookAt', { name: source.name })}
          </Button>
        )
      }
    >
      <strong>{t('trust.missing')}</strong> {t('trust.missingHelp')}
    </Notice>
  );
}
