import { Button } from '@mantine/core';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { DurationField } from '../../../shared/forms/duration-field.tsx';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import classes from './duration-setting.module.css';

export interface DurationSettingProps {
  readonly label: string;
  /** What it does. */
  readonly description: string;
  /** What is possible, as a sentence. */
  readonly range: string;
  readonly error: string | undefined;
  readonly valueMs: number;
  readonly defaultMs: number;
  readonly isReadOnly: boolean;
  readonly onChange: (valueMs: number) => void;
}

const units = ['second', 'minute', 'hour', 'day'] as const;

/** A length of time with all that one needs to choose it: effect, range, default, and the way back to the default. */
export function DurationSetting(props: DurationSettingProps) {
  const { t } = useTranslation('settings');
  const format = useFormat();
  const preset = format.duration(props.defaultMs);
  const root = useRef<HTMLDivElement>(null);
  const isDefault = props.valueMs === props.defaultMs;
  return (
    <div ref={root}>
      <DurationField
        label={props.label}
        description={props.description}
        error={props.error}
        valueMs={props.valueMs}
        units={units}
        isReadOnly={props.isReadOnly}
        onChange={props.onChange}
      />
      <div className={classes.facts}>
        {/* While the range is violated, the error says it. */}
        {props.error === undefined ? <span>{props.range}</span> : null}
        <span>{isDefault ? t('isDefault', { value: preset }) : t('default', { value: preset })}</span>
        {isDefault || props.isReadOnly ? null : (
          <Button
            variant="subtle"
            size="compact-xs"
            aria-label={t('toDefaultName', { label: props.label, value: preset })}
            onClick={() => {
              props.onChange(props.defaultMs);
              // The button goes away with its reason; the keyboard stays at the setting.
              root.current?.querySelector('input')?.focus();
            }}
          >
            {t('toDefault')}
          </Button>
        )}
      </div>
    </div>
  );
}
