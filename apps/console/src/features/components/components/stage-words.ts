import type { PlanStage } from '@holdfast/api';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { groupPathText } from '../../../shared/groups/group-path.ts';
import { groupsQuery } from '../../../shared/groups/groups-query.ts';
import { useFormat } from '../../../shared/i18n/use-format.ts';

const MINUTE_MS = 60_000;

/** The group of a stage by its path; its name where the reader does not see the group itself. */
export function useGroupText(): (groupId: string, name?: string | null) => string {
  const { t } = useTranslation('components');
  const groups = useQuery(groupsQuery(useApi())).data ?? [];
  return (groupId, name = null) => {
    const group = groups.find(({ id }) => id === groupId);
    return group === undefined ? (name ?? t('stage.groupGone')) : groupPathText(group);
  };
}

/** When a stage begins, in words. */
export function useBeginText(): (stage: Pick<PlanStage, 'delayMinutes' | 'startTime'>) => string {
  const { t } = useTranslation('components');
  const format = useFormat();
  return ({ delayMinutes, startTime }) => {
    if (startTime !== null) return t('stage.atTime', { time: startTime });
    if (delayMinutes === 0) return t('stage.atOnce');
    return t('stage.after', { delay: format.duration(delayMinutes * MINUTE_MS) });
  };
}
