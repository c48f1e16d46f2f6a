import { useTranslation } from 'react-i18next';
import { type DetailValue, detailLinesOf } from '../format/detail-lines.ts';
import { useFormat } from '../i18n/use-format.ts';
import { Fact, Facts } from '../page/facts.tsx';
import classes from './entry-drawer.module.css';

export interface EntryDetailsProps {
  readonly title: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly emptyText: string | undefined;
}

/** The details of an entry in words; what was replaced stands before what replaced it. */
export function EntryDetails({ title, details, emptyText }: EntryDetailsProps) {
  const lines = detailLinesOf(details);
  if (lines.length === 0 && emptyText === undefined) return null;
  return (
    <section aria-label={title}>
      <h3 className={classes.title}>{title}</h3>
      {lines.length === 0 ? <p className="hf-soft">{emptyText}</p> : null}
      <Facts>
        {lines.map((line) => (
          <Fact key={line.name} name={line.name}>
            {line.before === undefined ? null : <FormerValue value={line.before} />}
            <DetailText value={line.value} />
          </Fact>
        ))}
      </Facts>
    </section>
  );
}

interface DetailTextProps {
  readonly value: DetailValue;
}

function FormerValue({ value }: DetailTextProps) {
  const { t } = useTranslation('common');
  return (
    <>
      <span className="hf-soft">
        <DetailText value={value} />
      </span>{' '}
      <span aria-label={t('entry.then')}>→</span>{' '}
    </>
  );
}

function DetailText({ value }: DetailTextProps) {
  const { t } = useTranslation('common');
  const format = useFormat();
  switch (value.kind) {
    case 'text':
      return value.text;
    case 'number':
      return format.count(value.value);
    case 'duration':
      return format.duration(value.durationMs);
    case 'instant':
      return format.exact(value.atMs);
    case 'truth':
      return value.isTrue ? t('entry.yes') : t('entry.no');
    case 'nothing':
      return t('entry.nothing');
  }
}
