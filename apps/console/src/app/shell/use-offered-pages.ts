import { type LinkProps, type StaticDataRouteOption, useRouter } from '@tanstack/react-router';
import { useSession } from '../../shared/session/session-context.ts';
import type { CrumbKey } from '../crumb.ts';

/** A page that is offered by itself. */
export interface OfferedPage {
  readonly to: NonNullable<LinkProps['to']>;
  readonly text: CrumbKey;
  readonly icon: NonNullable<StaticDataRouteOption['icon']>;
}

type Crumb = NonNullable<StaticDataRouteOption['crumb']>;

function isNameOfObject(crumb: Crumb): crumb is Exclude<Crumb, CrumbKey> {
  return !crumb.startsWith('nav.');
}

/** The pages of these places that this administrator may see, in the order of the routes. */
export function useOfferedPages(
  ...places: readonly NonNullable<StaticDataRouteOption['place']>[]
): readonly OfferedPage[] {
  const { routesById } = useRouter();
  const { permissions } = useSession();
  return Object.values(routesById).flatMap(({ to, options }) => {
    const { place, icon, crumb, permission }: StaticDataRouteOption = options.staticData ?? {};
    if (place === undefined || !places.includes(place) || icon === undefined) return [];
    if (crumb === undefined || isNameOfObject(crumb)) return [];
    if (permission !== undefined && !permissions.includes(permission)) return [];
    return [{ to, text: crumb, icon }];
  });
}
