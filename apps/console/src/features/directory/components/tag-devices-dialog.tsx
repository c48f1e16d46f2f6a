import { ApiError, type DeviceTargets, tagKeyOf, type TagChangePlan } from '@holdfast/api';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormDialog, FormError } from '../../../shared/dialogs/form-dialog.tsx';
import { PlanFacts } from '../../../shared/dialogs/plan-facts.tsx';
import { LoadingState } from '../../../shared/page/states.tsx';
import { namesOf, noWishes, stateOf, type TagState, toggleWish } from '../../../shared/tags/tag-choice.ts';
import { TagPicker } from '../../../shared/tags/tag-picker.tsx';
import { useTags } from '../../../shared/tags/tags-query.ts';
import { useTagDevices } from '../use-tag-devices.ts';

export interface TagDevicesDialogProps {
  readonly targets: DeviceTargets;
  readonly count: number;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** The tags of many devices: which of them have each, and what to put on and take off. */
export function TagDevicesDialog({ targets, count, onDone, onClose }: TagDevicesDialogProps) {
  const { t } = useTranslation('tags');
  const tags = useTags();
  const change = useTagDevices(targets);
  const [wishes, setWishes] = useState(noWishes);
  const wish = namesOf(wishes);
  const hasWishes = wish.add.length + wish.remove.length > 0;
  const plan = useQuery({
    queryKey: ['device-tags-plan', targets, wish],
    queryFn: () => change.plan(wish),
    placeholderData: keepPreviousData,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const { data, error } = plan;
  const total = data?.targetCount ?? count;
  const countOf = (name: string): number => countIn(data, name);
  const presentState = (name: string): TagState => {
    const have = countOf(name);
    return have === 0 ? 'off' : have >= total ? 'on' : 'some';
  };
  const submit = async (): Promise<void> => {
    if (data === undefined) return;
    try {
      await change.apply(wish, data.planToken);
    } catch (reason) {
      // Devices or tags changed meanwhile: the plan that is shown next is the new one, and is confirmed anew.
      if (reason instanceof ApiError && reason.status === 409) await plan.refetch();
      throw reason;
    }
    onDone();
  };
  return (
    <FormDialog
      title={t('bulk.title', { count: total })}
      submitText={t('bulk.submit', { count: hasWishes ? (data?.deviceCount ?? total) : total })}
      isReady={hasWishes && data !== undefined && !plan.isFetching && error === null && data.deviceCount > 0}
      onSubmit={submit}
      onClose={onClose}
    >
      {data === undefined ? (
        error === null ? (
          <LoadingState lines={4} />
        ) : null
      ) : (
        <>
          <p className="hf-soft">{t('bulk.help')}</p>
          <TagPicker
            tags={tags}
            newNames={wish.add}
            stateOf={(name) => stateOf(wishes, name, presentState(name))}
            detailOf={(name) =>
              countOf(name) === 0 ? undefined : t('picker.ofDevices', { have: countOf(name), all: total })
            }
            mayCreate
            onToggle={(name) => setWishes((now) => toggleWish(now, name, presentState(name)))}
          />
          {hasWishes && error === null ? (
            data.deviceCount === 0 && !plan.isPlaceholderData ? (
              <p className="hf-soft" role="status">
                {t('bulk.nothing')}
              </p>
            ) : (
              <PlanFacts plan={data} title={t('bulk.plan')} />
            )
          ) : null}
        </>
      )}
      {error === null ? null : <FormError error={error} />}
    </FormDialog>
  );
}

function countIn(plan: TagChangePlan | undefined, name: string): number {
  const key = tagKeyOf(name);
  return plan?.tags.find((tag) => tagKeyOf(tag.name) === key)?.deviceCount ?? 0;
}
