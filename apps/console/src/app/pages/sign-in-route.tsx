import { useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { SignInPage } from '../../features/access/sign-in-page.tsx';
import { useServices } from '../../shared/api/services.ts';
import { nextAddressOf } from '../next-address.ts';
import { enterSession } from '../signed-in.ts';

export function SignInRoute() {
  const { next } = useSearch({ from: '/sign-in' });
  const router = useRouter();
  const queryClient = useQueryClient();
  const services = useServices();
  return (
    <SignInPage
      onSignedIn={(session) => {
        enterSession(queryClient, services, session);
        router.history.replace(nextAddressOf(next));
      }}
    />
  );
}
