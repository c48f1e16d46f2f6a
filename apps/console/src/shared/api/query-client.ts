import { ApiError } from '@holdfast/api';
import { QueryClient } from '@tanstack/react-query';

const maxRetries = 2;

/** Asks again only where the server said that this is safe, or where no answer came at all. */
function isWorthRetrying(failureCount: number, error: Error): boolean {
  if (!(error instanceof ApiError) || failureCount >= maxRetries) return false;
  return error.status === 0 || (error.status >= 500 && error.retry === 'safe');
}

export function createConsoleQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry: isWorthRetrying, staleTime: 5_000, networkMode: 'always' },
      mutations: { networkMode: 'always' },
    },
  });
}
