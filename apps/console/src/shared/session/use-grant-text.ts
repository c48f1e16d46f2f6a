import type { HeldGrant } from '@holdfast/api';
import { useTranslation } from 'react-i18next';

/** Roles in words: "Auditor everywhere · Group Administrator in Berlin". */
export function useGrantText(): {
  readonly one: (grant: HeldGrant) => string;
  readonly all: (grants: readonly HeldGrant[]) => string;
} {
  const { t } = useTranslation(['common', 'directory']);
  const one = ({ roleName: role, groupId, groupPath, isGroupGone }: HeldGrant): string => {
    if (groupId === null) return t('common:grant.everywhere', { role });
    if (isGroupGone || groupPath === null) return t('common:grant.inGone', { role });
    const group = groupPath.length === 0 ? t('directory:allDevices') : groupPath.join(' / ');
    return t('common:grant.inGroup', { role, group });
  };
  const all = (grants: readonly HeldGrant[]): string =>
    grants.length === 0 ? t('common:grant.none') : grants.map(one).join(' · ');
  return { one, all };
}
