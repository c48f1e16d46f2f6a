import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { EncryptionLabel } from '../../../shared/page/encryption-label.tsx';
import { Fact, Facts } from '../../../shared/page/facts.tsx';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import { type ResultFact, resultFactsOf } from '../result-facts.ts';
import classes from './target-result.module.css';

export interface TargetResultProps {
  readonly result: Readonly<Record<string, unknown>>;
}

export function TargetResult({ result }: TargetResultProps) {
  const { t } = useTranslation('commands');
  const facts = resultFactsOf(result);
  return (
    <>
      {Object.keys(result).length === 0 ? <p className="hf-soft">{t('detail.noResult')}</p> : null}
      <Facts>
        {facts.map((fact, index) => (
          <Fact key={`${fact.name}-${index}`} name={t(`result.${fact.name}`)}>
            <FactValue fact={fact} />
          </Fact>
        ))}
      </Facts>
      {Object.keys(result).length === 0 ? null : (
        <details className={classes.all}>
          <summary>{t('detail.allValues')}</summary>
          <pre tabIndex={0}>{JSON.stringify(result, undefined, 2)}</pre>
        </details>
      )}
    </>
  );
}

interface FactValueProps {
  readonly fact: ResultFact;
}

function FactValue({ fact }: FactValueProps) {
  const format = useFormat();
  switch (fact.kind) {
    case 'text':
      return fact.text;
    case 'bytes':
      return format.bytes(fact.bytes);
    case 'duration':
      return format.duration(fact.durationMs);
    case 'instant':
      return <RelativeTimeLabel at={fact.at} />;
    case 'disk':
      return (
        <span className={classes.disk}>
          {fact.disk}, {format.bytes(fact.sizeBytes)}
          <EncryptionLabel state={fact.encryption} />
        </span>
      );
  }
}
