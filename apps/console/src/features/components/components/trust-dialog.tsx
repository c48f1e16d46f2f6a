import {
  type ComponentRepository,
  type ComponentSource,
  lookAtComponentSource,
  type OfferedRoot,
  trustComponentSource,
} from '@holdfast/api';
import { Textarea } from '@mantine/core';
import { IconCircleCheck } from '../../../shared/icons/icons.ts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { Dialog } from '../../../shared/dialogs/dialog.tsx';
import { FormDialog } from '../../../shared/dialogs/form-dialog.tsx';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import { CopyValue } from '../../../shared/page/copy-value.tsx';
import { Fact, Facts } from '../../../shared/page/facts.tsx';
import { Notice } from '../../../shared/page/notice.tsx';
import { QueryView } from '../../../shared/page/query-view.tsx';
import { componentsKey } from '../api/component-key.ts';
import { matchFingerprint } from '../fingerprint-match.ts';
import classes from './trust-dialog.module.css';

export interface TrustDialogProps {
  readonly source: ComponentSource;
  /** What is trusted already; then there is only something to see. */
  readonly repository: ComponentRepository | null;
  /** What one does next: download. */
  readonly onTrusted: () => void;
  readonly onClose: () => void;
}

/** Shows what a source offers to be trusted, and trusts it when its fingerprint is the one that the publisher tells. */
export function TrustDialog(props: TrustDialogProps) {
  const { source, repository, onClose } = props;
  const { t } = useTranslation('components');
  const api = useApi();
  const offered = useQuery({
    queryKey: ['component-root', source.id],
    queryFn: ({ signal }) => api.call(lookAtComponentSource, { params: { sourceId: source.id }, signal }),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    refetchOnReconnect: false,
  });
  if (offered.data !== undefined && repository === null)
    return <TrustForm {...props} offered={offered.data} />;
  return (
    <Dialog title={t('trust.lookTitle', { name: source.name })} size="lg" onClose={onClose}>
      <QueryView query={offered}>
        {(root) => (
          <>
            {root.fingerprint === repository?.fingerprint ? (
              <Notice tone="good" icon={<IconCircleCheck size={18} />}>
                {t('trust.same')}
              </Notice>
            ) : (
              <Notice tone="attention">
                <strong>{t('trust.other')}</strong> {t('trust.otherHelp')}
              </Notice>
            )}
            <Root root={root} />
          </>
        )}
      </QueryView>
    </Dialog>
  );
}

interface TrustFormProps extends TrustDialogProps {
  readonly offered: OfferedRoot;
}

function TrustForm({ source, offered, onTrusted, onClose }: TrustFormProps) {
  const { t } = useTranslation('components');
  const api = useApi();
  const notify = useNotify();
  const queryClient = useQueryClient();
  const [typed, setTyped] = useState('');
  const { fingerprint } = offered;
  const match = matchFingerprint(typed, fingerprint);
  return (
    <FormDialog
      title={t('trust.formTitle')}
      submitText={t('trust.trust')}
      size="lg"
      isReady={match === 'same'}
      onSubmit={async () => {
        await api.call(trustComponentSource, { params: { sourceId: source.id }, body: { fingerprint } });
        // Before the page knows: this dialog would show what is trusted for a moment.
        onClose();
        notify.success(t('trust.done'), { text: t('downloads.start'), act: onTrusted });
        await queryClient.invalidateQueries({ queryKey: componentsKey });
      }}
      onClose={onClose}
    >
      <p>{t('trust.formText', { name: source.name })}</p>
      <Root root={offered} />
      <Textarea
        label={t('trust.typeLabel')}
        description={t('trust.typeHelp')}
        value={typed}
        autosize
        minRows={2}
        maxLength={400}
        spellCheck={false}
        autoComplete="off"
        data-autofocus
        classNames={{ input: 'hf-mono' }}
        error={match === 'other' ? t('trust.different') : undefined}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {match === 'same' ? (
        <Notice tone="good" icon={<IconCircleCheck size={18} />}>
          {t('trust.matches')}
        </Notice>
      ) : null}
    </FormDialog>
  );
}

interface RootProps {
  readonly root: OfferedRoot;
}

function Root({ root: { fingerprint, version, expiresAt, roles } }: RootProps) {
  const { t } = useTranslation('components');
  const format = useFormat();
  return (
    <>
      <div className={classes.fingerprint}>
        <span className={classes.label}>{t('trust.fingerprint')}</span>
        <CopyValue value={fingerprint} what={t('trust.fingerprint')} isWrapping />
      </div>
      <Facts>
        <Fact name={t('trust.version')}>{version}</Fact>
        <Fact name={t('trust.validUntil')}>{format.dateTime(Date.parse(expiresAt))}</Fact>
        {roles.map(({ role, keyCount, threshold }) => (
          <Fact key={role} name={t('trust.role', { role })}>
            {t('trust.threshold', { count: keyCount, threshold })}
          </Fact>
        ))}
      </Facts>
    </>
  );
}
