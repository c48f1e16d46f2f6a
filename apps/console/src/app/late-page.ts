import { lazyRouteComponent } from '@tanstack/react-router';
import { lateParts } from '../shared/late/late-parts.ts';

type LatePage = typeof lazyRouteComponent;

/** The component of a route, loaded with its first visit. See late-loader.ts for what happens when it does not come. */
export const latePage: LatePage = (fetchPage, name) =>
  lazyRouteComponent(async () => await lateParts.load(fetchPage), name);
