import type { EnrolmentToken } from '@holdfast/api';

/** Whether the server made the token itself, when it was started together with an agent for its own computer. */
export function isOwnComputerToken(token: Pick<EnrolmentToken, 'name' | 'createdBy'>): boolean {
  return token.createdBy === 'Holdfast' && token.name.startsWith('This computer');
}
