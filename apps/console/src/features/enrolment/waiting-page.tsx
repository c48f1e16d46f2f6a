import { admitRegistration, refuseRegistration, type WaitingRegistration } from '@holdfast/api';
import { Button } from '@mantine/core';
import { IconDoorEnter, IconShieldCheck, IconShieldQuestion } from '../../shared/icons/icons.ts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { ChangeDialog } from '../../shared/dialogs/change-dialog.tsx';
import { FormDialog } from '../../shared/dialogs/form-dialog.tsx';
import { GroupSelect } from '../../shared/groups/group-select.tsx';
import { groupsQuery } from '../../shared/groups/groups-query.ts';
import { useNotify } from '../../shared/notify/use-notify.tsx';
import { CopyValue } from '../../shared/page/copy-value.tsx';
import { Notice } from '../../shared/page/notice.tsx';
import { Page } from '../../shared/page/page.tsx';
import { QueryView } from '../../shared/page/query-view.tsx';
import { EmptyState } from '../../shared/page/states.tsx';
import { usePermission } from '../../shared/session/session-context.ts';
import { RelativeTimeLabel } from '../../shared/time/relative-time-label.tsx';
import { waitingKey, waitingQuery } from '../../shared/waiting/waiting-query.ts';
import { EnrolmentTabs } from './components/enrolment-tabs.tsx';
import classes from './waiting-page.module.css';

type OpenDialog = { readonly kind: 'admit' | 'refuse'; readonly registration: WaitingRegistration };

export function WaitingPage() {
  const { t } = useTranslation('enrolment');
  const waiting = useQuery(waitingQuery(useApi()));
  const [dialog, setDialog] = useState<OpenDialog>();
  return (
    <Page layout="wide" title={t('title')} description={t('waitingPage.description')}>
      <EnrolmentTabs />
      <QueryView query={waiting}>
        {(registrations) =>
          registrations.length === 0 ? (
            <EmptyState
              icon={<IconDoorEnter size={28} stroke={1.5} />}
              title={t('waitingPage.emptyTitle')}
              text={t('waitingPage.emptyText')}
            />
          ) : (
            <ul className={classes.list} aria-label={t('waiting')}>
              {registrations.map((registration) => (
                <WaitingItem key={registration.id} registration={registration} onOpen={setDialog} />
              ))}
            </ul>
          )
        }
      </QueryView>
      {dialog?.kind === 'admit' ? (
        <AdmitDialog registration={dialog.registration} onClose={() => setDialog(undefined)} />
      ) : null}
      {dialog?.kind === 'refuse' ? (
        <RefuseDialog registration={dialog.registration} onClose={() => setDialog(undefined)} />
      ) : null}
    </Page>
  );
}

interface WaitingItemProps {
  readonly registration: WaitingRegistration;
  readonly onOpen: (dialog: OpenDialog) => void;
}

function WaitingItem({ registration, onOpen }: WaitingItemProps) {
  const { t } = useTranslation('enrolment');
  const mayApprove = usePermission('registrations:approve');
  const name = registration.deviceName;
  return (
    <li className={classes.item}>
      <div className={classes.head}>
        <div>
          <h2 className={classes.name}>{name}</h2>
          <p className={classes.facts}>
            <span>{t(`waitingPage.kind.${registration.kind}`)}</span>
            <span>
              {t('waitingPage.product', {
                name: registration.productName,
                version: registration.productVersion,
              })}
            </span>
            <span>{t('waitingPage.from', { address: registration.remoteAddress })}</span>
            <span>
              {t('waitingPage.firstSeen')} <RelativeTimeLabel at={registration.firstSeenAt} />
            </span>
            <span>
              {t('waitingPage.lastSeen')} <RelativeTimeLabel at={registration.lastSeenAt} />
            </span>
          </p>
        </div>
        {mayApprove ? (
          <div className={classes.actions}>
            <Button
              variant="default"
              aria-label={t('waitingPage.refuseName', { name })}
              onClick={() => onOpen({ kind: 'refuse', registration })}
            >
              {t('waitingPage.refuse')}
            </Button>
            <Button
              variant="light"
              aria-label={t('waitingPage.admitName', { name })}
              onClick={() => onOpen({ kind: 'admit', registration })}
            >
              {t('waitingPage.admit')}
            </Button>
          </div>
        ) : null}
      </div>
      <Proof registration={registration} />
      <Thumbprint registration={registration} />
    </li>
  );
}

interface RegistrationProps {
  readonly registration: WaitingRegistration;
}

function Proof({ registration }: RegistrationProps) {
  const { t } = useTranslation('enrolment');
  if (registration.kind === 'approval') {
    return registration.tokenName === null ? null : (
      <p className="hf-soft">{t('waitingPage.token', { name: registration.tokenName })}</p>
    );
  }
  if (registration.kind === 'copied') {
    return (
      <p className="hf-soft">
        {registration.copyOf === null ? null : (
          <>
            {t('waitingPage.copyOf')}{' '}
            <Link to="/devices/$deviceId" params={{ deviceId: registration.copyOf.deviceId }}>
              {registration.copyOf.name}
            </Link>
            {'. '}
          </>
        )}
        {t('waitingPage.copied')}
      </p>
    );
  }
  return registration.isReceiptVerified ? (
    <p className={classes.proof} data-tone="good">
      <IconShieldCheck size={18} stroke={1.75} aria-hidden="true" />
      {registration.productNumber === null
        ? t('waitingPage.receiptVerifiedPlain')
        : t('waitingPage.receiptVerified', { number: registration.productNumber })}
    </p>
  ) : (
    <p className={classes.proof} data-tone="attention">
      <IconShieldQuestion size={18} stroke={1.75} aria-hidden="true" />
      {t('waitingPage.receiptMissing')}
    </p>
  );
}

function Thumbprint({ registration }: RegistrationProps) {
  const { t } = useTranslation('enrolment');
  return (
    <div>
      <p className="hf-soft">{t('waitingPage.compare')}</p>
      <CopyValue value={registration.keyThumbprint} what={t('waitingPage.thumbprint')} isWrapping />
    </div>
  );
}

interface RegistrationDialogProps extends RegistrationProps {
  readonly onClose: () => void;
}

function AdmitDialog({ registration, onClose }: RegistrationDialogProps) {
  const { t } = useTranslation('enrolment');
  const api = useApi();
  const notify = useNotify();
  const queryClient = useQueryClient();
  const groups = useQuery(groupsQuery(api)).data ?? [];
  const [groupId, setGroupId] = useState<string>();
  const path = registration.groupPath.join('/');
  const proposed = groups.find((group) => group.path.join('/') === path);
  const submit = async (): Promise<void> => {
    await api.call(admitRegistration, {
      params: { registrationId: registration.id },
      // Not chosen by hand: the server knows the group of its own receipt or token best.
      body: groupId === undefined ? {} : { groupId },
    });
    await queryClient.invalidateQueries({ queryKey: waitingKey });
    void queryClient.invalidateQueries({ queryKey: ['devices'] });
    onClose();
    notify.success(t('waitingPage.admitted', { name: registration.deviceName }));
  };
  return (
    <FormDialog
      title={t('waitingPage.admitTitle', { name: registration.deviceName })}
      submitText={t('waitingPage.admitSubmit')}
      onSubmit={submit}
      onClose={onClose}
    >
      {registration.kind === 're-admission' && !registration.isReceiptVerified ? (
        <Notice tone="attention" role="note">
          {t('waitingPage.admitUnproved')}
        </Notice>
      ) : null}
      <Thumbprint registration={registration} />
      <GroupSelect
        label={t('waitingPage.admitGroup')}
        value={groupId ?? proposed?.id}
        onChange={setGroupId}
      />
    </FormDialog>
  );
}

function RefuseDialog({ registration, onClose }: RegistrationDialogProps) {
  const { t } = useTranslation('enrolment');
  const api = useApi();
  return (
    <ChangeDialog
      title={t('waitingPage.refuseTitle', { name: registration.deviceName })}
      confirmText={t('waitingPage.refuse')}
      change={() => api.call(refuseRegistration, { params: { registrationId: registration.id } })}
      outdates={waitingKey}
      doneText={t('waitingPage.refused', { name: registration.deviceName })}
      onClose={onClose}
    >
      {t('waitingPage.refuseText')}
    </ChangeDialog>
  );
}
