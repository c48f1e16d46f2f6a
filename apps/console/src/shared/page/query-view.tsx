import { ApiError, permissionTexts } from '@holdfast/api';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ErrorState, LoadingPage, LoadingState, NoPermission } from './states.tsx';
import classes from './states.module.css';
import { StaleNotice } from './stale-notice.tsx';

export interface QueryViewProps<Data> {
  readonly query: Pick<UseQueryResult<Data>, 'data' | 'error' | 'isError' | 'refetch' | 'dataUpdatedAt'>;
  readonly children: (data: Data) => ReactNode;
  /** It stands for the whole page: without data, its state is what has the heading. */
  readonly isPage?: boolean;
}

/** The states that every view of one answer has: loading, error, no permission, stale, and the data. */
export function QueryView<Data>({ query, children, isPage = false }: QueryViewProps<Data>) {
  const { data, error } = query;
  const retry = (): void => {
    void query.refetch();
  };
  if (data !== undefined) {
    return (
      <>
        {query.isError ? (
          <div className={isPage ? classes.stalePage : undefined}>
            <StaleNotice updatedAtMs={query.dataUpdatedAt} onRetry={retry} />
          </div>
        ) : null}
        {children(data)}
      </>
    );
  }
  if (error !== null) return <QueryError error={error} onRetry={retry} isPage={isPage} />;
  return isPage ? <LoadingPage /> : <LoadingState />;
}

export interface QueryErrorProps {
  readonly error: Error;
  readonly onRetry: () => void;
  readonly isPage?: boolean;
}

export function QueryError({ error, onRetry, isPage = false }: QueryErrorProps) {
  if (error instanceof ApiError && error.code === 'PERMISSION_DENIED') {
    const permission = error.problem?.facts?.['permission'];
    const name = typeof permission === 'string' ? permission : error.message;
    const text = Object.hasOwn(permissionTexts, name)
      ? permissionTexts[name as keyof typeof permissionTexts]
      : name;
    return <NoPermission permission={text} isPage={isPage} />;
  }
  return <ErrorState error={error} onRetry={onRetry} isPage={isPage} />;
}
