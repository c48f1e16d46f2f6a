import { Drawer } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './dialog.module.css';

export interface SidePanelProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly side: 'left' | 'right';
  readonly size: number;
  readonly onClose: () => void;
  /** The content brings its own head and padding; the title is only its name. */
  readonly isBare?: boolean;
  readonly children: ReactNode;
}

/** Something looked at beside the page. */
export function SidePanel({ title, isOpen, side, size, onClose, isBare = false, children }: SidePanelProps) {
  const { t } = useTranslation('common');
  return (
    <Drawer.Root opened={isOpen} onClose={onClose} position={side} size={size} padding={20}>
      <Drawer.Overlay backgroundOpacity={0.16} />
      {isBare ? (
        <Drawer.Content aria-label={title}>
          <Drawer.Body p={0} h="100%">
            {children}
          </Drawer.Body>
        </Drawer.Content>
      ) : (
        <Drawer.Content>
          <div className={`${classes.head} ${classes.panelHead}`}>
            <Drawer.Title className={classes.title ?? ''}>{title}</Drawer.Title>
            <Drawer.CloseButton aria-label={t('action.close')} />
          </div>
          <Drawer.Body pt={0}>{children}</Drawer.Body>
        </Drawer.Content>
      )}
    </Drawer.Root>
  );
}
