import type { ReleaseOfComponent } from '@holdfast/api';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SidePanel } from '../../../shared/dialogs/side-panel.tsx';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { Fact, Facts } from '../../../shared/page/facts.tsx';
import { NarrowRow } from '../../../shared/table/cells.tsx';
import { DataTable } from '../../../shared/table/data-table.tsx';
import type { TableColumn } from '../../../shared/table/table-column.ts';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import { incrementSizesOf, stepOf } from '../increment-sizes.ts';
import { VersionText } from './version-text.tsx';
import classes from './release-table.module.css';

export interface ReleaseTableProps {
  /** The newest first. */
  readonly releases: readonly ReleaseOfComponent[];
  /** Of the component. */
  readonly title: string;
}

/** Releases with the devices that have them; one opens with the ways to it. */
export function ReleaseTable({ releases, title }: ReleaseTableProps) {
  const { t } = useTranslation('components');
  const newest = releases[0]?.release;
  const columns = useColumns(newest);
  const [openRelease, setOpenRelease] = useState<number>();
  const open = releases.find(({ release }) => release === openRelease);
  const versions = new Map(releases.map(({ release, version }) => [release, version]));
  return (
    <>
      <DataTable
        label={t('releases.title')}
        isEmbedded
        columns={columns}
        rows={releases}
        rowId={({ release }) => String(release)}
        rowName={({ version }) => version}
        rowHeight={44}
        narrowRowHeight={72}
        activeId={openRelease === undefined ? undefined : String(openRelease)}
        narrowRow={(release) => (
          <NarrowRow
            title={<VersionText {...release} />}
            aside={<RelativeTimeLabel at={release.arrivedAt} className="hf-soft" />}
            detail={<NarrowDetail release={release} isNewest={release.release === newest} />}
          />
        )}
        onOpen={({ release }) => setOpenRelease(release)}
      />
      <SidePanel
        title={open === undefined ? title : t('releases.panelTitle', { title, version: open.version })}
        isOpen={open !== undefined}
        side="right"
        size={460}
        onClose={() => setOpenRelease(undefined)}
      >
        {open === undefined ? null : (
          <ReleaseDetails release={open} versions={versions} isNewest={open.release === newest} />
        )}
      </SidePanel>
    </>
  );
}

function useColumns(newest: number | undefined): readonly TableColumn<ReleaseOfComponent>[] {
  const { t } = useTranslation('components');
  const format = useFormat();
  return [
    {
      id: 'version',
      header: t('column.version'),
      minWidth: 150,
      weight: 1.2,
      cell: (release) => <VersionText {...release} />,
    },
    {
      id: 'arrived',
      header: t('column.arrived'),
      minWidth: 110,
      weight: 0.8,
      cell: ({ arrivedAt }) => <RelativeTimeLabel at={arrivedAt} className="hf-soft" />,
    },
    {
      id: 'devices',
      header: t('column.devices'),
      minWidth: 80,
      weight: 0.5,
      align: 'end',
      cell: ({ deviceCount }) => format.count(deviceCount),
    },
    {
      id: 'full',
      header: t('column.full'),
      minWidth: 90,
      weight: 0.6,
      align: 'end',
      cell: ({ fullBytes }) => format.bytes(fullBytes),
    },
    {
      id: 'step',
      header: t('column.step'),
      minWidth: 210,
      weight: 1.4,
      // Nobody fetches an older one any more, and what is left of ways to it says nothing.
      cell: (release) => (release.release === newest ? <Step release={release} /> : null),
    },
  ];
}

interface ReleaseProps {
  readonly release: ReleaseOfComponent;
}

/** What a device loads that has the release before. */
function Step({ release }: ReleaseProps) {
  const { t } = useTranslation('components');
  const format = useFormat();
  const times = useTimes();
  const step = stepOf(release);
  if (step === undefined) return <span className="hf-soft">{t('releases.fullOnly')}</span>;
  return (
    <span>
      {format.bytes(step.bytes)} <span className="hf-soft">{times(step.times)}</span>
    </span>
  );
}

interface NarrowDetailProps extends ReleaseProps {
  readonly isNewest: boolean;
}

function NarrowDetail({ release, isNewest }: NarrowDetailProps) {
  const { t } = useTranslation('components');
  return (
    <>
      {t('releases.onDevices', { count: release.deviceCount })}
      {isNewest ? (
        <>
          , <Step release={release} />
        </>
      ) : null}
    </>
  );
}

interface ReleaseDetailsProps extends NarrowDetailProps {
  /** Versions by releases, as far as they are known. */
  readonly versions: ReadonlyMap<number, string>;
}

function ReleaseDetails({ release, versions, isNewest }: ReleaseDetailsProps) {
  const { t } = useTranslation('components');
  const format = useFormat();
  const times = useTimes();
  const increments = incrementSizesOf(release);
  return (
    <div className={classes.increments}>
      <Facts>
        <Fact name={t('releases.number')}>{release.release}</Fact>
        <Fact name={t('column.arrived')}>{format.exact(Date.parse(release.arrivedAt))}</Fact>
        <Fact name={t('column.devices')}>{format.count(release.deviceCount)}</Fact>
        <Fact name={t('column.full')}>{format.bytes(release.fullBytes)}</Fact>
        {release.isUrgent ? <Fact name={t('urgent')}>{t('urgentHelp')}</Fact> : null}
      </Facts>
      {increments.length === 0 ? (
        <p className="hf-soft">{t(isNewest ? 'releases.noIncrements' : 'releases.older')}</p>
      ) : (
        <table className={classes.list}>
          <thead>
            <tr>
              <th scope="col">{t('releases.from')}</th>
              <th scope="col" className={classes.number}>
                {t('releases.size')}
              </th>
              <th scope="col">{t('releases.smaller')}</th>
              <th scope="col">{t('releases.encoding')}</th>
            </tr>
          </thead>
          <tbody>
            {increments.map((increment) => (
              <tr key={increment.from}>
                <td title={t('releaseNumber', { release: increment.from })}>
                  {versions.get(increment.from) ?? t('releaseNumber', { release: increment.from })}
                </td>
                <td className={classes.number}>{format.bytes(increment.bytes)}</td>
                <td>{times(increment.times)}</td>
                <td className="hf-soft">{increment.encoding}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

/** "23 times smaller"; exact to a tenth while it is little. */
function useTimes(): (times: number) => string {
  const { t } = useTranslation('components');
  const { count } = useFormat();
  return (times) =>
    t('releases.times', { times: count(times < 10 ? Math.floor(times * 10) / 10 : Math.floor(times)) });
}
