import { type LinkProps, useNavigate } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useRef } from 'react';
import { useDialogs } from '../../shared/dialogs/dialog-request.ts';
import { usePalette } from './palette-context.ts';
import { shortcutOf, type Shortcut } from './shortcut.ts';

const pages = {
  directory: '/directory',
  commands: '/commands',
  enrolment: '/enrolment',
  audit: '/audit-log',
  settings: '/administration/settings',
} as const satisfies Record<Extract<Shortcut, { kind: 'go' }>['page'], LinkProps['to']>;

/** Keys that work on every page. */
export function Shortcuts() {
  const openPalette = usePalette();
  const openDialog = useDialogs();
  const navigate = useNavigate();
  const previousKey = useRef<{ key: string; atMs: number }>(undefined);
  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    const isModal = document.querySelector('[aria-modal="true"]') !== null;
    const target = event.target instanceof HTMLElement ? event.target : undefined;
    const isTyping =
      target?.closest('input, textarea, select, [contenteditable="true"], [role="menu"]') != null;
    const before = previousKey.current;
    const shortcut = shortcutOf(
      { key: event.key, hasModifier: event.ctrlKey || event.metaKey, hasAlt: event.altKey },
      before !== undefined && event.timeStamp - before.atMs < 1_200 ? before.key : undefined,
      isTyping || isModal,
    );
    previousKey.current = { key: event.key, atMs: event.timeStamp };
    if (shortcut === undefined) return;
    if (shortcut.kind === 'palette' && isModal) return;
    event.preventDefault();
    if (shortcut.kind === 'palette') openPalette();
    else if (shortcut.kind === 'help') openDialog({ kind: 'shortcuts' });
    else if (shortcut.kind === 'search')
      document.querySelector<HTMLInputElement>('[data-search-field]')?.focus();
    else void navigate({ to: pages[shortcut.page] });
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => onKeyDown(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);
  return null;
}
