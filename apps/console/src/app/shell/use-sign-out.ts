import { signOut } from '@holdfast/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useServices } from '../../shared/api/services.ts';
import { useNotify } from '../../shared/notify/use-notify.tsx';
import { leaveSession } from '../signed-in.ts';

export function useSignOut(): () => void {
  const services = useServices();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const notify = useNotify();
  const departure = useMutation({
    mutationFn: () => services.api.call(signOut, {}),
    onSuccess: async () => {
      services.live.stop();
      await navigate({ to: '/sign-in' });
      leaveSession(queryClient, services);
    },
    onError: notify.error,
  });
  return () => departure.mutate();
}
