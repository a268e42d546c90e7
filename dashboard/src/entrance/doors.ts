import { queryOptions } from '@tanstack/react-query';
import { call } from '../api/call.ts';

/** Which ways in there are. */
interface Doors {
  /** Whether the very first account is still to be made. */
  pending: boolean;
  signup: 'open' | 'closed';
}

export const doorsQuery = queryOptions({
  queryKey: ['doors'],
  queryFn: () => call<Doors>('GET', '/v1/setup'),
  retry: false,
  staleTime: Infinity,
});
