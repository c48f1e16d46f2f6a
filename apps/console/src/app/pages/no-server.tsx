import { useCallback } from 'react';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { StandaloneCrash } from '../page-states.tsx';

/** Nothing could be learnt from the server, not even who is signed in. */
export function NoServer({ error }: ErrorComponentProps) {
  const router = useRouter();
  const retry = useCallback(() => void router.invalidate(), [router]);
  return <StandaloneCrash error={error} onRetry={retry} />;
}
