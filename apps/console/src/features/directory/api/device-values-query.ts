import { type ApiClient, type FilteredField, listDeviceValues } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';

/** The values of a field that most devices of a group have. */
export function deviceValuesQuery(api: ApiClient, field: FilteredField, groupId: string | undefined) {
  return queryOptions({
    queryKey: ['device-values', field, groupId],
    queryFn: async ({ signal }) => {
      const query = { field, ...(groupId === undefined ? {} : { groupId }) };
      return (await api.call(listDeviceValues, { query, signal })).values;
    },
  });
}
