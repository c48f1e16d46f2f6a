export interface LogoProps {
  readonly size: number;
}

/** The mark: an anchor whose ring is the bow of a key. */
export function Logo({ size }: LogoProps) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="var(--hf-accent-fill)" />
      <g
        fill="none"
        stroke="var(--hf-on-accent)"
        strokeWidth="2.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      >
        <circle cx="16" cy="8.75" r="3.25" />
        <path d="M16 12v13.5" />
        <path d="M6.75 17.25c0 5.25 4 8.25 9.25 8.25s9.25-3 9.25-8.25" />
        <path d="M4.75 19.75l2-2.75 2.75 2" />
        <path d="M27.25 19.75l-2-2.75-2.75 2" />
      </g>
    </svg>
  );
}
