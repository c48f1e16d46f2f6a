import type { CommandTarget } from '@holdfast/api';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { deviceQuery } from '../../../shared/devices/device-query.ts';
import { wordsOf } from '../../../shared/format/words.ts';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { EncryptionLabel } from '../../../shared/page/encryption-label.tsx';
import { Fact, Facts } from '../../../shared/page/facts.tsx';
import { StatusLabel, type StatusTone } from '../../../shared/page/status-label.tsx';
import { usePermission } from '../../../shared/session/session-context.ts';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import {
  type CheckState,
  type ResultCheck,
  type ResultFact,
  resultChecksOf,
  resultFactsOf,
} from '../result-facts.ts';
import classes from './target-result.module.css';

export interface TargetResultProps {
  readonly target: CommandTarget;
  readonly commandType: string;
}

/** What the device answered; after an inventory, the key facts that came with it. */
export function TargetResult({ target, commandType }: TargetResultProps) {
  const { t } = useTranslation('commands');
  const maySee = usePermission('directory:read');
  const result = target.result ?? {};
  const isEmpty = Object.keys(result).length === 0;
  const [checks, facts] = [resultChecksOf(result), resultFactsOf(result)];
  const deviceId = commandType === 'collect-inventory' && maySee ? target.deviceId : null;
  return (
    <>
      {isEmpty ? <p className="hf-soft">{t('detail.noResult')}</p> : null}
      <CheckList checks={checks} />
      <FactList facts={facts} />
      {deviceId === null ? null : <KnownFacts deviceId={deviceId} />}
      {isEmpty ? null : (
        <details className={classes.all} open={checks.length + facts.length === 0 && deviceId === null}>
          <summary>{t('detail.allValues')}</summary>
          <pre tabIndex={0}>{JSON.stringify(result, undefined, 2)}</pre>
        </details>
      )}
    </>
  );
}

const checkTones: Readonly<Record<CheckState, StatusTone>> = {
  ok: 'good',
  warning: 'attention',
  failed: 'failed',
};

interface CheckListProps {
  readonly checks: readonly ResultCheck[];
}

function CheckList({ checks }: CheckListProps) {
  const { t } = useTranslation('commands');
  if (checks.length === 0) return null;
  return (
    <ul className={classes.checks} aria-label={t('check.list')}>
      {checks.map((check) => (
        <li key={check.name} className={classes.check}>
          <StatusLabel
            tone={check.state === undefined ? 'idle' : checkTones[check.state]}
            text={t(`check.${check.state ?? 'unknown'}`)}
          />
          <div>
            <strong>{wordsOf(check.name)}</strong>
            <div className="hf-soft">{check.text}</div>
          </div>
        </li>
      ))}
    </ul>
  );
}

interface KnownFactsProps {
  readonly deviceId: string;
}

/** An inventory travels apart from the answer to the command, and is kept with the device. */
function KnownFacts({ deviceId }: KnownFactsProps) {
  const inventory = useQuery(deviceQuery(useApi(), deviceId)).data?.inventory;
  if (inventory === undefined || inventory === null) return null;
  return <FactList facts={resultFactsOf({ collectedAt: inventory.collectedAt, facts: inventory.facts })} />;
}

interface FactListProps {
  readonly facts: readonly ResultFact[];
}

function FactList({ facts }: FactListProps) {
  const { t } = useTranslation('commands');
  return (
    <Facts>
      {facts.map((fact, index) => (
        <Fact key={`${fact.name}-${index}`} name={t(`result.${fact.name}`)}>
          <FactValue fact={fact} />
        </Fact>
      ))}
    </Facts>
  );
}

interface FactValueProps {
  readonly fact: ResultFact;
}

function FactValue({ fact }: FactValueProps) {
  const { t } = useTranslation('commands');
  const format = useFormat();
  switch (fact.kind) {
    case 'text':
      return fact.text;
    case 'number':
      return format.count(fact.value);
    case 'reached':
      return fact.users.length === 0
        ? t('result.nobody')
        : fact.users
            .map(({ name, ways }) =>
              t('result.reached', { name, ways: ways.length === 0 ? t('result.notShown') : ways.join(', ') }),
            )
            .join('; ');
    case 'changed':
      return fact.isChanged ? t('result.isChanged') : t('result.isUnchanged');
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
