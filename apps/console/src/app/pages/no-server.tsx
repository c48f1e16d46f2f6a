import { ApiError } from '@holdfast/api';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { ErrorState } from '../../shared/page/states.tsx';
import { PageCrash } from '../page-states.tsx';

/** Nothing could be learnt from the server, not even who is signed in. */
export function NoServer({ error }: ErrorComponentProps) {
  const router = useRouter();
  if (!(error instanceof ApiError)) return <PageCrash error={error} />;
  return (
    <main>
      <ErrorState error={error} onRetry={() => void router.invalidate()} />
    </main>
  );
}
