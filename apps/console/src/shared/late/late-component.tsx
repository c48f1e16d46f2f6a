import { Button } from '@mantine/core';
import {
  Component,
  type ComponentType,
  lazy,
  type PropsWithChildren,
  type ReactNode,
  Suspense,
  useSyncExternalStore,
} from 'react';
import { useTranslation } from 'react-i18next';
import classes from './late-component.module.css';
import { ConsoleReplacedError } from './late-loader.ts';
import { lateParts } from './late-parts.ts';

/** A part of a page that is loaded when it is first shown, and that says so while the server does not answer. */
export function lateComponent<Name extends string, Props extends object>(
  fetchPart: () => Promise<Readonly<Record<Name, ComponentType<Props>>>>,
  name: Name,
): ComponentType<Props> {
  const part = lazy(async () => ({ default: (await lateParts.load(fetchPart))[name] }));
  // The same component by its plain type: that of `lazy` does not know which properties it takes.
  const Part = part as unknown as ComponentType<Props>;
  return function LateComponent(props: Props): ReactNode {
    return (
      <ReplacedBoundary>
        <Suspense fallback={<WaitingNote />}>
          <Part {...props} />
        </Suspense>
      </ReplacedBoundary>
    );
  };
}

/** Whether the server is waited for. */
export function useServerAway(): boolean {
  return useSyncExternalStore(lateParts.subscribe, lateParts.isWaiting);
}

/** In a corner, because the part may be a dialog that has no place of its own yet. */
function WaitingNote() {
  const { t } = useTranslation('common');
  return useServerAway() ? (
    <p className={classes.note} role="status">
      {t('state.serverAway')}
    </p>
  ) : null;
}

function ReplacedNote() {
  const { t } = useTranslation('common');
  return (
    <div className={classes.note} role="alert">
      <p>{t('state.newVersion')}</p>
      <Button variant="default" size="compact-sm" onClick={() => window.location.reload()}>
        {t('action.reload')}
      </Button>
    </div>
  );
}

interface BoundaryState {
  readonly error: unknown;
}

/** Keeps the page as it is, with what was typed into it, when only a dialog of it cannot be had any more. */
class ReplacedBoundary extends Component<PropsWithChildren, BoundaryState> {
  override state: BoundaryState = { error: undefined };

  static getDerivedStateFromError(error: unknown): BoundaryState {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    if (error instanceof ConsoleReplacedError) return <ReplacedNote />;
    throw error;
  }
}
