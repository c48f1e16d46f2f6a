import {
  type CheckState,
  type CommandTarget,
  readResult,
  type ResultCheck,
  type ResultFact,
} from '@holdfast/api';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { Fact, Facts } from '../../../shared/page/facts.tsx';
import { StatusLabel, type StatusTone } from '../../../shared/page/status-label.tsx';
import { usePermission } from '../../../shared/session/session-context.ts';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import { commandTypesQuery } from '../api/command-types-query.ts';
import { CollectedInventory } from './collected-inventory.tsx';
import classes from './target-result.module.css';

export interface TargetResultProps {
  readonly target: CommandTarget;
  readonly commandType: string;
}

/** What the device answered; after an inventory, the key facts that came with it. */
export function TargetResult({ target, commandType }: TargetResultProps) {
  const { t } = useTranslation('commands');
  const maySee = usePermission('directory:read');
  const types = useQuery(commandTypesQuery(useApi()));
  if (types.isPending) return null;
  const result = target.result ?? {};
  const schema = types.data?.find(({ type }) => type === commandType)?.resultSchema;
  const { facts, others } = readResult(schema, result);
  const checks = facts.filter((fact) => fact.kind === 'checks');
  const lines = facts.filter((fact) => fact.kind !== 'checks');
  const isEmpty = Object.keys(result).length === 0;
  return (
    <>
      {isEmpty ? <p className="hf-soft">{t('detail.noResult')}</p> : null}
      {lines.length === 0 ? null : (
        <Facts>
          {lines.map((fact) => (
            <Fact key={fact.name} name={fact.title}>
              <FactValue fact={fact} />
            </Fact>
          ))}
        </Facts>
      )}
      {checks.map((fact) => (
        <CheckList key={fact.name} checks={fact.checks} omittedCount={fact.omittedCount} />
      ))}
      {commandType === 'collect-inventory' && maySee && target.deviceId !== null ? (
        <CollectedInventory deviceId={target.deviceId} />
      ) : null}
      {isEmpty ? null : (
        <details className={classes.all} open={Object.keys(others).length > 0}>
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
  readonly omittedCount: number;
}

function CheckList({ checks, omittedCount }: CheckListProps) {
  const { t } = useTranslation('commands');
  return (
    <>
      <ul className={classes.checks} aria-label={t('check.list')}>
        {checks.map((check, index) => (
          <li key={`${check.name}-${index}`} className={classes.check}>
            <StatusLabel
              tone={check.state === undefined ? 'idle' : checkTones[check.state]}
              text={check.stateText}
            />
            <div>
              <strong>{check.name}</strong>
              <div className="hf-soft">{check.text}</div>
            </div>
          </li>
        ))}
      </ul>
      {omittedCount === 0 ? null : <p>{t('result.omitted', { count: omittedCount })}</p>}
    </>
  );
}

interface FactValueProps {
  readonly fact: Exclude<ResultFact, { readonly kind: 'checks' }>;
}

function FactValue({ fact }: FactValueProps) {
  const { t } = useTranslation('commands');
  const format = useFormat();
  switch (fact.kind) {
    case 'text':
      return fact.text;
    case 'number':
      return [format.count(fact.value), fact.unit].filter((part) => part !== undefined).join(' ');
    case 'bytes':
      return format.bytes(fact.bytes);
    case 'duration':
      return format.duration(fact.durationMs);
    case 'instant':
      return <RelativeTimeLabel at={fact.at} />;
    case 'list': {
      const omitted = fact.omittedCount === 0 ? [] : [t('result.omitted', { count: fact.omittedCount })];
      return [...fact.items, ...omitted].map((item, index) => <div key={index}>{item}</div>);
    }
  }
}
