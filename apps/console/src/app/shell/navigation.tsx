import { Tooltip } from '@mantine/core';
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from '../../shared/icons/icons.ts';
import { Link, useMatches, useRouterState } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Logo } from '../../shared/brand/logo.tsx';
import { useSession } from '../../shared/session/session-context.ts';
import classes from './navigation.module.css';
import { type OfferedPage, useOfferedPages } from './use-offered-pages.ts';
import { useWaitingCount } from './use-waiting-count.ts';

export interface NavigationProps {
  readonly isCollapsed: boolean;
  /** Absent in the drawer, which has its own way to close. */
  readonly onToggle: (() => void) | undefined;
}

export function Navigation({ isCollapsed, onToggle }: NavigationProps) {
  const { t } = useTranslation('shell');
  const session = useSession();
  const waitingCount = useWaitingCount();
  const daily = useOfferedPages('day');
  const administration = useOfferedPages('administration');
  const ToggleIcon = isCollapsed ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse;
  return (
    <nav className={classes.navigation} aria-label={t('nav.label')} data-collapsed={isCollapsed || undefined}>
      <Link to="/" className={classes.brand} aria-label="Holdfast">
        <Logo size={26} />
        {isCollapsed ? null : <span>Holdfast</span>}
      </Link>
      <div className={classes.scroll}>
        <ul className={classes.list}>
          {daily.map((page) => (
            <NavigationLink
              key={page.to}
              page={page}
              isCollapsed={isCollapsed}
              badge={page.to === '/enrolment' ? waitingCount : 0}
            />
          ))}
        </ul>
        <p className={classes.section} id="navigation-administration">
          {isCollapsed ? (
            <span className="hf-visually-hidden">{t('nav.administration')}</span>
          ) : (
            t('nav.administration')
          )}
        </p>
        <ul className={classes.list} aria-labelledby="navigation-administration">
          {administration.map((page) => (
            <NavigationLink key={page.to} page={page} isCollapsed={isCollapsed} badge={0} />
          ))}
        </ul>
      </div>
      <div className={classes.foot}>
        {isCollapsed ? null : (
          <span className={classes.server} title={session.server.name}>
            {session.server.name}
            <span>{session.server.version}</span>
          </span>
        )}
        {onToggle === undefined ? null : (
          <button
            type="button"
            className={classes.toggle}
            onClick={onToggle}
            aria-expanded={!isCollapsed}
            aria-label={isCollapsed ? t('nav.expand') : t('nav.collapse')}
            title={isCollapsed ? t('nav.expand') : t('nav.collapse')}
          >
            <ToggleIcon size={18} stroke={1.75} aria-hidden="true" />
          </button>
        )}
      </div>
    </nav>
  );
}

interface NavigationLinkProps {
  readonly page: OfferedPage;
  readonly isCollapsed: boolean;
  readonly badge: number;
}

function NavigationLink({ page, isCollapsed, badge }: NavigationLinkProps) {
  const { t } = useTranslation('shell');
  const Icon = page.icon;
  const path = useRouterState({ select: (state) => state.location.pathname });
  // A device lies elsewhere and belongs to the directory all the same.
  const parent = useMatches({ select: (matches) => matches.at(-1)?.staticData.parent?.to });
  const isActive = page.to === '/' ? path === '/' : path.startsWith(page.to) || parent === page.to;
  const name = t(page.text);
  const label = badge > 0 ? t('nav.badge', { name, count: badge }) : name;
  return (
    <li>
      <Tooltip label={label} position="right" disabled={!isCollapsed} openDelay={100}>
        <Link to={page.to} className={classes.link} data-active={isActive || undefined}>
          <Icon size={18} stroke={1.75} aria-hidden="true" />
          <span className={isCollapsed ? 'hf-visually-hidden' : classes.text}>{name}</span>
          {badge > 0 ? (
            <span className={classes.badge}>
              {badge}
              <span className="hf-visually-hidden"> {t('nav.waitingSuffix')}</span>
            </span>
          ) : null}
        </Link>
      </Tooltip>
    </li>
  );
}
