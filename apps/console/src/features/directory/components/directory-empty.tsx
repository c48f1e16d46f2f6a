import { Button } from '@mantine/core';
import { IconPlugConnected } from '../../../shared/icons/icons.ts';
import { useTranslation } from 'react-i18next';
import { useDialogs } from '../../../shared/dialogs/dialog-request.ts';
import { EmptyState, NoMatch } from '../../../shared/page/states.tsx';
import { usePermission } from '../../../shared/session/session-context.ts';

export interface DirectoryEmptyProps {
  readonly isNarrowed: boolean;
  /** Undefined for the whole directory. */
  readonly groupId: string | undefined;
  readonly onClear: () => void;
}

export function DirectoryEmpty({ isNarrowed, groupId, onClear }: DirectoryEmptyProps) {
  const { t } = useTranslation('directory');
  const openDialog = useDialogs();
  const mayEnrol = usePermission('enrolment-tokens:manage');
  if (isNarrowed) return <NoMatch title={t('list.noMatch')} onClear={onClear} />;
  const isWhole = groupId === undefined;
  return (
    <EmptyState
      icon={<IconPlugConnected size={28} stroke={1.5} />}
      title={isWhole ? t('list.emptyTitle') : t('list.emptyGroupTitle')}
      text={isWhole ? t('list.emptyText') : t('list.emptyGroupText')}
      {...(mayEnrol
        ? {
            action: (
              <Button onClick={() => openDialog({ kind: 'create-token', groupId })}>{t('list.enrol')}</Button>
            ),
          }
        : {})}
    />
  );
}
