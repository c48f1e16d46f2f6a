import type { ApiClient } from '@holdfast/api';
import { createContext, useContext } from 'react';
import type { LiveConnection } from '../live/live-connection.ts';
import type { SessionGuard } from '../session/session-guard.ts';
import type { Ticker } from '../time/ticker.ts';

/** What every part of the console may lean on; made once in main. */
export interface Services {
  readonly api: ApiClient;
  readonly live: LiveConnection;
  readonly guard: SessionGuard;
  readonly ticker: Ticker;
}

export const ServicesContext = createContext<Services | undefined>(undefined);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (services === undefined) throw new Error('the services are missing');
  return services;
}

export function useApi(): ApiClient {
  return useServices().api;
}
