import { type Command, describeGiven, parameterFieldsOf } from '@holdfast/api';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import { commandRepeatsQuery } from '../api/command-repeats-query.ts';
import { commandTypesQuery } from '../api/command-types-query.ts';
import classes from './command-relations.module.css';
import { UrgentMark } from './urgent-mark.tsx';

export interface CommandRelationsProps {
  readonly command: Command;
}

/** With what the command was given, which one it tries again, and by which ones it was tried again. */
export function CommandRelations({ command }: CommandRelationsProps) {
  const { t } = useTranslation('commands');
  const api = useApi();
  const format = useFormat();
  const repeats = useQuery(commandRepeatsQuery(api, command.id)).data ?? [];
  const types = useQuery(commandTypesQuery(api)).data ?? [];
  const schema = types.find((type) => type.type === command.type)?.parametersSchema ?? {};
  return (
    <>
      {command.isUrgent ? (
        <span>
          <UrgentMark />
        </span>
      ) : null}
      {describeGiven(parameterFieldsOf(schema), command.parameters, format.duration)
        .map(({ title, text }) => t('parameters.given', { title, text }))
        .map((line) => (
          <span key={line} className={classes.given} title={line}>
            {line}
          </span>
        ))}
      {command.repeatsId === null ? null : (
        <Link to="/commands/$commandId" params={{ commandId: command.repeatsId }}>
          {t('retry.repeats')}
        </Link>
      )}
      {repeats.map((repeat) => (
        <span key={repeat.id}>
          <Link to="/commands/$commandId" params={{ commandId: repeat.id }}>
            {t('retry.repeatedBy')}
          </Link>{' '}
          <RelativeTimeLabel at={repeat.issuedAt} /> {t('issuedBy', { name: repeat.issuedBy })}
        </span>
      ))}
    </>
  );
}
