import { Kbd } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../shared/dialogs/dialog.tsx';
import classes from './shortcuts-dialog.module.css';

const anywhere = [
  { text: 'shortcuts.palette', keys: ['Ctrl', 'K'] },
  { text: 'shortcuts.search', keys: ['/'] },
  { text: 'shortcuts.help', keys: ['?'] },
  { text: 'shortcuts.goDirectory', keys: ['G', 'D'], isSequence: true },
  { text: 'shortcuts.goCommands', keys: ['G', 'C'], isSequence: true },
  { text: 'shortcuts.goEnrolment', keys: ['G', 'E'], isSequence: true },
  { text: 'shortcuts.goAudit', keys: ['G', 'A'], isSequence: true },
  { text: 'shortcuts.goSettings', keys: ['G', 'S'], isSequence: true },
] as const;

const lists = [
  { text: 'shortcuts.next', keys: ['J'] },
  { text: 'shortcuts.previous', keys: ['K'] },
  { text: 'shortcuts.open', keys: ['Enter'] },
  { text: 'shortcuts.select', keys: ['X'] },
] as const;

export interface ShortcutsDialogProps {
  readonly onClose: () => void;
}

export function ShortcutsDialog({ onClose }: ShortcutsDialogProps) {
  const { t } = useTranslation('shell');
  return (
    <Dialog title={t('shortcuts.title')} onClose={onClose}>
      <div className={classes.sections}>
        {[
          { title: t('shortcuts.anywhere'), rows: anywhere },
          { title: t('shortcuts.lists'), rows: lists },
        ].map((section) => (
          <section key={section.title} aria-label={section.title}>
            <h3 className={classes.title}>{section.title}</h3>
            <dl>
              {section.rows.map((row) => (
                <div key={row.text} className={classes.row}>
                  <dt>{t(row.text)}</dt>
                  <dd>
                    {row.keys.map((key, index) => (
                      <span key={key}>
                        {index > 0 && 'isSequence' in row ? (
                          <span className="hf-soft"> {t('shortcuts.then')} </span>
                        ) : (
                          ' '
                        )}
                        <Kbd>{key}</Kbd>
                      </span>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
