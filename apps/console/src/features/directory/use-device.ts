import type { DeviceDetails } from '@holdfast/api';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../shared/api/services.ts';
import { useLiveEvents } from '../../shared/live/use-live-events.ts';
import { deviceQuery } from '../../shared/devices/device-query.ts';

/** One device, following the server. */
export function useDevice(deviceId: string) {
  const queryClient = useQueryClient();
  const options = deviceQuery(useApi(), deviceId);
  useLiveEvents((events) => {
    for (const event of events) {
      if (event.type === 'presence' && event.deviceId === deviceId) {
        queryClient.setQueryData<DeviceDetails>(options.queryKey, (details) =>
          details === undefined ? undefined : withPresence(details, event.productNumber, event.presence),
        );
      }
    }
    if (events.some((event) => event.type === 'device' && event.deviceId === deviceId)) {
      void queryClient.invalidateQueries({ queryKey: options.queryKey });
    }
  });
  return useQuery(options);
}

function withPresence(
  details: DeviceDetails,
  productNumber: number,
  presence: DeviceDetails['device']['presence'],
): DeviceDetails {
  return {
    ...details,
    device: details.device.productNumber === productNumber ? { ...details.device, presence } : details.device,
    products: details.products.map((product) =>
      product.productNumber === productNumber ? { ...product, presence } : product,
    ),
  };
}
