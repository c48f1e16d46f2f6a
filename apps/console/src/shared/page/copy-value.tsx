import { ActionIcon, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '../icons/icons.ts';
import { useTranslation } from 'react-i18next';
import classes from './copy-value.module.css';
import { useCopy } from './use-copy.ts';

export interface CopyValueProps {
  readonly value: string;
  /** What it is, for the button's name: "Copy fingerprint". */
  readonly what: string;
  /** Shown instead of the whole value. */
  readonly shown?: string | undefined;
  readonly isBlock?: boolean;
  /** Shown whole, over more than one line where it has to be: for what people compare. */
  readonly isWrapping?: boolean;
  /** A block that scrolls where it is too long: for what nobody reads to its end before copying it. */
  readonly isLong?: boolean;
}

/** A value for machines: monospaced, with a button that copies it. */
export function CopyValue(props: CopyValueProps) {
  const { value, what, shown, isBlock = false, isWrapping = false, isLong = false } = props;
  const { t } = useTranslation('common');
  const { isCopied, copy } = useCopy();
  return (
    <span className={classes.value} data-block={isBlock || undefined} data-wrapping={isWrapping || undefined}>
      <code
        className={classes.text}
        title={shown === undefined ? undefined : value}
        data-long={isLong || undefined}
        // Whoever has no mouse scrolls it as well.
        {...(isLong ? { tabIndex: 0, role: 'region', 'aria-label': what } : {})}
      >
        {shown ?? value}
      </code>
      <Tooltip label={isCopied ? t('action.copied') : t('action.copy')}>
        <ActionIcon
          size={isBlock ? 'md' : 'sm'}
          aria-label={t('copy.label', { what })}
          onClick={() => copy(value)}
        >
          {isCopied ? <IconCheck size={15} /> : <IconCopy size={15} />}
        </ActionIcon>
      </Tooltip>
      <span className="hf-visually-hidden" role="status">
        {isCopied ? t('copy.done', { what }) : ''}
      </span>
    </span>
  );
}
