import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { SignInForm } from '../../features/access/components/sign-in-form.tsx';
import { useServices } from '../../shared/api/services.ts';
import { Dialog } from '../../shared/dialogs/dialog.tsx';
import { useSession } from '../../shared/session/session-context.ts';
import { enterSession } from '../signed-in.ts';
import classes from './session-expired.module.css';

export interface SessionExpiredProps {
  readonly name: string;
}

/** Signs in again on top of the page, so that nothing that was typed there is lost. */
export function SessionExpired({ name }: SessionExpiredProps) {
  const { t } = useTranslation('shell');
  const queryClient = useQueryClient();
  const services = useServices();
  const router = useRouter();
  const previous = useSession();
  return (
    <Dialog title={t('expired.title')} onClose={() => undefined} isSticky isAboveAll>
      <div className={classes.body}>
        <p>{t('expired.text')}</p>
        <SignInForm
          name={name}
          onSignedIn={(session) => {
            enterSession(queryClient, services, session);
            if (session.id === previous.id) {
              void queryClient.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
            } else {
              void router.navigate({ to: '/' });
            }
          }}
        />
      </div>
    </Dialog>
  );
}
