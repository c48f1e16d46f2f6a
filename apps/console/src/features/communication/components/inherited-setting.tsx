import { SegmentedControl } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './inherited-setting.module.css';

export interface InheritedSettingProps {
  readonly label: string;
  readonly description: string;
  /** The group says something itself. */
  readonly isOwn: boolean;
  /** What holds as long as it does not. */
  readonly inherited: string;
  /** Where that comes from. */
  readonly origin: string;
  readonly isReadOnly: boolean;
  readonly onOwnChange: (isOwn: boolean) => void;
  /** The control of the own value; shown while there is one. */
  readonly children: ReactNode;
}

/** One value that a group says itself or leaves to the group above. */
export function InheritedSetting(props: InheritedSettingProps) {
  const { t } = useTranslation('communication');
  const id = useId();
  return (
    <section className={classes.setting} aria-labelledby={id}>
      <div className={classes.head}>
        <h3 className={classes.title} id={id}>
          {props.label}
        </h3>
        <SegmentedControl
          size="xs"
          aria-labelledby={id}
          disabled={props.isReadOnly}
          value={props.isOwn ? 'own' : 'inherited'}
          data={[
            { value: 'inherited', label: t('inherited') },
            { value: 'own', label: t('own') },
          ]}
          onChange={(value) => props.onOwnChange(value === 'own')}
        />
      </div>
      <p className="hf-soft">{props.description}</p>
      {props.isOwn ? (
        props.children
      ) : (
        <p>
          {props.inherited} <span className="hf-soft">({props.origin})</span>
        </p>
      )}
    </section>
  );
}
