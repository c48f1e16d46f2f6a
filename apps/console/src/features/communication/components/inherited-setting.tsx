import { Button, Checkbox, SegmentedControl } from '@mantine/core';
import { IconLock } from '../../../shared/icons/icons.ts';
import { type ReactNode, useId } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './inherited-setting.module.css';

export interface InheritedSettingProps {
  readonly label: string;
  readonly description: string;
  /** What the group says itself, in words; undefined: nothing. */
  readonly own: string | undefined;
  /** What holds as long as it does not. */
  readonly inherited: string;
  /** Where that comes from. */
  readonly origin: string;
  /** Groups below cannot say something else. */
  readonly isLocked: boolean;
  /** Who does not let this group say something else, in words; undefined: nobody. */
  readonly lockedBy: string | undefined;
  readonly isReadOnly: boolean;
  readonly onOwnChange: (isOwn: boolean) => void;
  readonly onLockChange: (isLocked: boolean) => void;
  /** The control of the own value; shown while there is one that counts. */
  readonly children: ReactNode;
}

/** One value that a group says itself or leaves to the group above. */
export function InheritedSetting(props: InheritedSettingProps) {
  const { t } = useTranslation('communication');
  const id = useId();
  const isOwn = props.own !== undefined;
  return (
    <section className={classes.setting} aria-labelledby={id}>
      <div className={classes.head}>
        <h3 className={classes.title} id={id}>
          {props.label}
        </h3>
        {props.lockedBy === undefined ? (
          <SegmentedControl
            size="xs"
            aria-labelledby={id}
            disabled={props.isReadOnly}
            value={isOwn ? 'own' : 'inherited'}
            data={[
              { value: 'inherited', label: t('inherited') },
              { value: 'own', label: t('own') },
            ]}
            onChange={(value) => props.onOwnChange(value === 'own')}
          />
        ) : (
          <span className={classes.locked}>
            <IconLock size={15} stroke={1.75} aria-hidden="true" />
            {props.lockedBy}
          </span>
        )}
      </div>
      <p className="hf-soft">{props.description}</p>
      {isOwn && props.lockedBy === undefined ? (
        <>
          {props.children}
          <Checkbox
            size="sm"
            label={t('lock')}
            disabled={props.isReadOnly}
            checked={props.isLocked}
            onChange={(event) => props.onLockChange(event.currentTarget.checked)}
          />
        </>
      ) : (
        <p>
          {props.inherited} <span className="hf-soft">({props.origin})</span>
        </p>
      )}
      {isOwn && props.lockedBy !== undefined ? <Overridden {...props} own={props.own} /> : null}
    </section>
  );
}

/** What the group would say without the lock. */
function Overridden({
  label,
  own,
  isReadOnly,
  onOwnChange,
}: Pick<InheritedSettingProps, 'label' | 'isReadOnly' | 'onOwnChange'> & { readonly own: string }) {
  const { t } = useTranslation('communication');
  return (
    <p className={classes.overridden}>
      <span className="hf-soft">{t('overridden', { value: own })}</span>
      {isReadOnly ? null : (
        <Button
          size="compact-sm"
          variant="default"
          aria-label={t('dropName', { label })}
          onClick={() => onOwnChange(false)}
        >
          {t('drop')}
        </Button>
      )}
    </p>
  );
}
