import type { CurrentSession } from '@holdfast/api';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouteContext } from '@tanstack/react-router';
import { InvitationPage } from '../../features/access/invitation-page.tsx';
import { SetupPage } from '../../features/access/setup-page.tsx';
import { useServices } from '../../shared/api/services.ts';
import { enterSession } from '../signed-in.ts';

function useEnter(): (session: CurrentSession) => void {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const services = useServices();
  return (session) => {
    enterSession(queryClient, services, session);
    void navigate({ to: '/', replace: true });
  };
}

export function SetupRoute() {
  const { linkSecret } = useRouteContext({ from: '/setup' });
  const navigate = useNavigate();
  return (
    <SetupPage
      secret={linkSecret}
      onSignedIn={useEnter()}
      onSignIn={() => void navigate({ to: '/sign-in', replace: true })}
    />
  );
}

export function InvitationRoute() {
  const { linkSecret } = useRouteContext({ from: '/invitation' });
  return <InvitationPage kind="invitation" secret={linkSecret} onSignedIn={useEnter()} />;
}

export function RecoveryRoute() {
  const { linkSecret } = useRouteContext({ from: '/recovery' });
  return <InvitationPage kind="recovery" secret={linkSecret} onSignedIn={useEnter()} />;
}
