import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Page, type PageProps } from '../../../shared/page/page.tsx';
import { type Tab, Tabs } from '../../../shared/page/tabs.tsx';

export interface ComponentsPageFrameProps extends Pick<PageProps, 'title' | 'description' | 'layout'> {
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** One of the views of components: what there is, where it comes from, who gets it when. */
export function ComponentsPageFrame({ children, ...page }: ComponentsPageFrameProps) {
  const { t } = useTranslation('components');
  const tabs: readonly Tab[] = [
    { id: 'list', text: t('tabs.list'), link: { to: '/components' }, isExact: true },
    { id: 'plans', text: t('tabs.plans'), link: { to: '/components/plans' } },
    { id: 'downloads', text: t('tabs.downloads'), link: { to: '/components/downloads' } },
  ];
  return (
    <Page {...page}>
      <Tabs label={t('tabs.label')} tabs={tabs} />
      {children}
    </Page>
  );
}
