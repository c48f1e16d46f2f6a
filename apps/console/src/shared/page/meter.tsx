import classes from './meter.module.css';

export interface MeterProps {
  readonly label: string;
  /** From 0 to 1. */
  readonly share: number;
  /** From here on it is drawn as wanting attention. */
  readonly attentionFrom?: number;
}

/** How full something is. The number itself stands beside it. */
export function Meter({ label, share, attentionFrom = 0.95 }: MeterProps) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <svg
      className={classes.meter}
      viewBox="0 0 100 6"
      preserveAspectRatio="none"
      role="img"
      aria-label={`${label}: ${percent} %`}
      data-attention={share >= attentionFrom || undefined}
    >
      <rect className={classes.ground} width="100" height="6" />
      <rect className={classes.fill} width={percent} height="6" />
    </svg>
  );
}
